/** What Allure's page of one file holds: for each file that it would otherwise fetch, a call with its name and its base64. */
export function fileInPage(page: string, name: string): unknown {
  const [, content] = new RegExp(`\\bd\\("${name}","([^"]*)"\\)`).exec(page) ?? [];
  if (content === undefined) throw new Error(`Allure's page holds no ${name}`);
  return JSON.parse(Buffer.from(content, 'base64').toString());
}
