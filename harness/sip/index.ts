/** SIP as RFC 3261 has it: what others may use of this stack without its transports. */
export { CALL_METHODS, headerKey } from './header-names.ts';
export {
  type HeaderField,
  MalformedMessageError,
  parseMessage,
  type SipMessage,
  SipRequest,
  SipResponse,
  tryParse,
} from './message.ts';
export { type Address, parseAddress, parseUri, type SipUri, splitList, tagOf } from './uri.ts';
