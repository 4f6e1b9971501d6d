/**
 * Whether a text says an amount in minor or major units, as a number of its own: digits inside a timestamp or an id do
 * not count. Test amounts have five digits or more, so that chance does not say them.
 */
export function saysAmount(text: string, amountMinor: number): boolean {
  const minor = String(amountMinor);
  const [euros, cents] = [minor.slice(0, -2), minor.slice(-2)];
  const grouped = euros.replace(/\B(?=(\d{3})+$)/g, ",");
  const ways = [minor, `${euros}[.,]${cents}`, `${grouped}[.]${cents}`];
  return new RegExp(`(?<![0-9A-Za-z_-])(?:${ways.join("|")})(?![0-9A-Za-z_-])`).test(text);
}
