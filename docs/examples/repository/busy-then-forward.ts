import { defineScenario } from 'ringfence';

export default defineScenario({
  id: 'busy-then-forward',
  title: 'Busy: the call goes to the forward target',
  feature: 'forwarding',
  // The callee's account.
  subscriber: {
    flags: ['enablecf'],
    lists: ['forwardto'],
    waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
    voicemail: true,
    doNotDisturb: false,
  },
  callee: 'busy', // what the callee's phone does
  caller: 'patient', // what the caller does
  trap: 'forward-target', // who is reached when the feature takes the call
  kind: 'diversion',
  // What else must be so. A cell whose assertion throws has failed.
  assert: (seen, expect) => {
    const rang = seen.legs.filter(({ role }) => role === 'phone');
    expect(rang.length, 'calls that came to the phone').toBeLessThanOrEqual(1); // none of a call that is refused at once
  },
});
