// HTTP-date (RFC 9110 §5.6.7): read in exactly its three forms, written in the first of them. Date.parse would take whatever the platform
// takes for a date.

const days = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun';
const longDays = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday';
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = `(?<month>${monthNames.join('|')})`;
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const imfFixdate = new RegExp(String.raw`^(?:${days}), (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT$`);
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const rfc850Date = new RegExp(String.raw`^(?:${longDays}), (?<day>\d\d)-${month}-(?<shortYear>\d\d) ${time} GMT$`);
/** `Sun Nov  6 08:49:37 1994` */
const asctimeDate = new RegExp(String.raw`^(?:${days}) ${month} (?<day>\d\d| \d) ${time} (?<year>\d{4})$`);

/**
 * Whole seconds since 1970, or null for anything else than an HTTP-date. The day of the week is not compared with the date. A year of two digits
 * is the one that is not more than 50 years after `nowSeconds`.
 */
export function parseHttpDate(text: string, nowSeconds: number): number | null {
  const parts = (imfFixdate.exec(text) ?? rfc850Date.exec(text) ?? asctimeDate.exec(text))?.groups;
  if (parts === undefined) return null;
  const { shortYear } = parts;
  const year = shortYear === undefined ? Number(parts['year']) : fullYear(Number(shortYear), nowSeconds);
  const [monthIndex, day] = [monthNames.indexOf(parts['month']!), Number(parts['day'])];
  const [hour, minute, second] = [Number(parts['hour']), Number(parts['minute']), Number(parts['second'])];
  // 60 is a leap second (§5.6.7): the one after it to a clock that has none.
  if (hour > 23 || minute > 59 || second > 60) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, monthIndex, day);
  if (date.getUTCDate() !== day || date.getUTCMonth() !== monthIndex) return null;
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

function fullYear(shortYear: number, nowSeconds: number): number {
  const thisYear = new Date(nowSeconds * 1000).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + shortYear;
  if (year > thisYear + 50) return year - 100;
  return year <= thisYear - 50 ? year + 100 : year;
}

/** In the preferred form, IMF-fixdate. */
export function formatHttpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}
