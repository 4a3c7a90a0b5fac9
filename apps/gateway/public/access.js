// The token that a gateway with authentication asks for: kept for this tab only.
//
// Requests carry it in a header, a WebSocket among the sub-protocols it offers. An EventSource has neither: for it the token is in the
// address (RFC 6750 §2.3).

const key = 'sluice-token';

export function setToken(token) {
  if (token === '') sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, token);
}

/** For the headers of a request. */
export function authorization() {
  const token = sessionStorage.getItem(key);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** For the sub-protocols of a WebSocket: the token in base64url, as UTF-8. */
export function accessProtocols() {
  const token = sessionStorage.getItem(key);
  if (token === null) return [];
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(token)));
  return [`sluice.bearer.${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`];
}

/** For the query of an address. */
export function accessQuery() {
  const token = sessionStorage.getItem(key);
  return token === null ? {} : { access_token: token };
}
