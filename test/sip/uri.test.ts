import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, parseUri, splitList, tagOf } from '../../harness/sip/index.ts';
import { parseVia } from '../../harness/sip/uri.ts';

describe('parseUri', () => {
  it('takes a URI apart and decodes nothing', () => {
    const uri = parseUri('sip:a%3Ab;x=1@example.test:5070;transport=TCP;lr?subject=hi');
    expect(uri).toMatchObject({ scheme: 'sip', user: 'a%3Ab;x=1', host: 'example.test', port: 5070 });
    expect([...(uri?.params ?? [])]).toEqual([
      ['transport', 'TCP'],
      ['lr', ''],
    ]);
  });

  it.for([
    ['sip:example.test', { user: '', host: 'example.test', port: undefined }],
    ['sips:a@[2001:db8::1]:5061', { scheme: 'sips', host: '2001:db8::1', port: 5061 }],
    ['SIP:A@HOST', { scheme: 'sip', user: 'A', host: 'HOST' }],
    ['sip:user:secret@h', { user: 'user:secret', host: 'h' }],
  ] as const)('%s', ([text, expected]) => expect(parseUri(text)).toMatchObject(expected));

  it.for([
    '',
    'sip:',
    'tel:+1555',
    'sip:a@',
    'sip:a@h:99999',
    'sip:a b@h',
    '<sip:a@h>',
    'sip:a@h:port',
    'sip:a@h, sip:b@h',
  ])('%j is none', (text) => expect(parseUri(text)).toBeUndefined());
});

describe('parseAddress', () => {
  it.for([
    ['<sip:a@h;lr>;tag=1', 'sip:a@h;lr', '1'],
    ['"Last, \\"First\\" <x>" <sip:a@h>;tag=2', 'sip:a@h', '2'],
    ['Plain Name <sip:a@h>', 'sip:a@h', undefined],
    ['sip:a@h;tag=3', 'sip:a@h', '3'],
    ['<tel:+1555;phone-context=x>', 'tel:+1555;phone-context=x', undefined],
  ] as const)('%s', ([text, uri, tag]) => {
    expect(parseAddress(text)?.uri).toBe(uri);
    expect(parseAddress(text)?.params.get('tag')).toBe(tag);
    expect(tagOf(text)).toBe(tag);
  });

  it.for(['', '<>', '<sip:a@h', '"open <sip:a@h>', '*', '<<sip:a@h>>', 'name only'])('%j is none', (text) =>
    expect(parseAddress(text)).toBeUndefined(),
  );

  it('a tag inside the angle brackets is not the tag of the header field', () => {
    expect(tagOf('<sip:a@h;tag=inner>')).toBeUndefined();
  });
});

describe('splitList', () => {
  it('splits at commas outside quotes and angle brackets', () => {
    expect(splitList('"a, b" <sip:x,y@h>;q="1,2" , <sip:z@h>')).toEqual(['"a, b" <sip:x,y@h>;q="1,2"', '<sip:z@h>']);
    expect(splitList('"quote \\", still" <sip:a@h>,b')).toEqual(['"quote \\", still" <sip:a@h>', 'b']);
  });
});

describe('parseVia', () => {
  it('reads the topmost value', () => {
    const via = parseVia('SIP / 2.0 / UDP  Host.test : 5070 ;rport; branch = z9hG4bK1, SIP/2.0/TCP other;branch=2');
    expect(via).toEqual({ protocol: 'UDP', sentBy: 'host.test:5070', branch: 'z9hG4bK1' });
  });
});

it('no text makes a reader fail or hang', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      parseUri(text);
      parseAddress(text);
      parseVia(`SIP/2.0/UDP ${text}`);
      tagOf(text);
      splitList(text);
    }),
  );
});
