// The token that a gateway with authentication asks for: kept for this tab only.
//
// Requests carry it in a header; a WebSocket and an EventSource cannot, so for them it stands in the address (RFC 6750 §2.3).

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

/** For the query of an address. */
export function accessQuery() {
  const token = sessionStorage.getItem(key);
  return token === null ? {} : { access_token: token };
}
