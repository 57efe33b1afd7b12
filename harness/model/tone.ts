/** What callers say to a voice mail that records: audio as it goes into RTP with PCMU (RFC 3551). */

export const FRAME_MS = 20;
export const SAMPLES = 160;

/** 20 ms of 400 Hz: 8 periods, so that it goes on without a click. ITU-T G.711. */
export const TONE = Buffer.from(
  Array.from({ length: SAMPLES }, (_, sample) =>
    muLaw(Math.round(8000 * Math.sin((2 * Math.PI * 400 * sample) / 8000))),
  ),
);

function muLaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = Math.max(0, Math.floor(Math.log2(magnitude)) - 7);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}
