/**
 * The Reason of a server itself, when somebody else answered. Kamailio's tm leaves the text out where the phone says nothing until then,
 * as a late one does: its CANCEL waits for the first response (RFC 3261 9.1).
 */
export const SAID_BY_SERVER = /^Reason: SIP;cause=200(;text="Call completed elsewhere")?$/;
