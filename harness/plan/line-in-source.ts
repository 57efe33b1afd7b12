/** Where in a TypeScript file something stands that it exports. */
import type { parseAst } from 'rolldown/parseAst';

type Statement = ReturnType<typeof parseAst>['body'][number];
type Expression = Extract<Statement, { type: 'ExportDefaultDeclaration' }>['declaration'];
/** Top-level constants of the file. None leads back to itself: such a file does not load. */
type Constants = ReadonlyMap<string, Expression>;

/** Where it begins, and what it is. */
interface Found {
  readonly start: number;
  readonly value: Expression;
}

/**
 * As near as the text shows it: what a call makes, or another file, has the line of that call or name. `define...` of
 * `harness/define.ts` make nothing.
 *
 * @param name Of the export, such as `default`.
 * @param path From there inwards: names of keys, numbers of items.
 * @returns from 1
 */
export async function lineInSource(source: string, name: string, path: readonly (string | number)[]): Promise<number> {
  // Loaded for who has made a mistake, and for nobody else.
  const { parseAst: parse } = await import('rolldown/parseAst');
  const { body } = parse(source, { lang: 'ts' });
  const constants: Constants = new Map(body.flatMap(constantsOf));
  let found = exported(body, name, constants);
  let start = found?.start ?? 0;
  for (const key of path) {
    found = found === undefined ? undefined : memberOf(bare(found.value, constants), key, constants);
    start = found?.start ?? start;
  }
  return source.slice(0, start).split('\n').length;
}

function exported(body: readonly Statement[], name: string, constants: Constants): Found | undefined {
  const value =
    name === 'default'
      ? body.find((statement) => statement.type === 'ExportDefaultDeclaration')?.declaration
      : constants.get(name);
  return value === undefined ? undefined : { start: value.start, value };
}

function constantsOf(statement: Statement): (readonly [string, Expression])[] {
  const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (declared?.type !== 'VariableDeclaration' || declared.kind !== 'const') return [];
  return declared.declarations.flatMap(({ id, init }) =>
    id.type === 'Identifier' && init !== null ? [[id.name, init] as const] : [],
  );
}

/** What a name stands for, without what only the compiler reads. */
function bare(value: Expression, constants: Constants): Expression {
  switch (value.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'ParenthesizedExpression':
      return bare(value.expression, constants);
    case 'Identifier': {
      const meant = constants.get(value.name);
      return meant === undefined ? value : bare(meant, constants);
    }
    case 'CallExpression': {
      const [given] = value.arguments;
      if (given === undefined || given.type === 'SpreadElement' || !isDefinition(value.callee)) return value;
      return bare(given, constants);
    }
    default:
      return value;
  }
}

function isDefinition(callee: Expression): boolean {
  return callee.type === 'Identifier' && /^define(Scenario|Headers|Config)$/.test(callee.name);
}

/** The last of that name counts, as it does when the file runs. */
function memberOf(value: Expression, key: string | number, constants: Constants): Found | undefined {
  if (typeof key === 'number') return itemsOf(value, constants)[key];
  if (value.type !== 'ObjectExpression') return undefined;
  for (const property of value.properties.toReversed()) {
    if (property.type === 'SpreadElement') {
      const inner = memberOf(bare(property.argument, constants), key, constants);
      if (inner !== undefined) return inner;
    } else if (nameOf(property.key) === key) return { start: property.start, value: property.value };
  }
  return undefined;
}

/** Up to the first that may be any number of items. */
function itemsOf(value: Expression, constants: Constants): Found[] {
  const items: Found[] = [];
  if (value.type !== 'ArrayExpression') return items;
  for (const element of value.elements) {
    if (element === null) break;
    if (element.type !== 'SpreadElement') items.push({ start: element.start, value: element });
    else {
      const list = bare(element.argument, constants);
      if (list.type !== 'ArrayExpression') break;
      items.push(...itemsOf(list, constants));
    }
  }
  return items;
}

function nameOf(key: { readonly type: string } & Partial<Record<'name' | 'value', unknown>>): unknown {
  return key.type === 'Identifier' ? key.name : key.value;
}
