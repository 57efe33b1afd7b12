/** Who is a drachtio-srf application of the lab, each with a SIP server of its own. `canary` places the canary calls. */
export const ENDPOINT_ROLES = [
  'phone',
  'simultaneous-ring',
  'team',
  'delegate',
  'forward-target',
  'voicemail',
  'canary',
] as const;
export type EndpointRole = (typeof ENDPOINT_ROLES)[number];
