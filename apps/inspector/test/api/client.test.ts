import { afterEach, describe, expect, it, vi } from 'vitest';
import { apiPath, getJson, postJson, Refusal, signIn, Unreachable } from '../../src/api/client.ts';
import { reachability } from '../../src/state/reachability.ts';

afterEach(() => vi.unstubAllGlobals());

function answerWith(answer: () => Response): { calls: [string, RequestInit][] } {
  const calls: [string, RequestInit][] = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push([path, init]);
    return answer();
  });
  return { calls };
}

const problem = (status: number, detail: string): Response => new Response(JSON.stringify({ title: 'No', detail }), { status, headers: { 'content-type': 'application/problem+json; charset=utf-8' } });

describe('requests', () => {
  it('lie beside the page, with their query', () => {
    expect(apiPath('connections', 'limit=5')).toBe('../inspection/connections?limit=5');
    expect(apiPath('tree')).toBe('../inspection/tree');
  });

  it('answer the document', async () => {
    answerWith(() => Response.json({ total: 3 }));
    expect(await getJson('x')).toEqual({ total: 3 });
    expect(reachability.get().state).toBe('reached');
  });

  it('throw a refusal in the words of the gateway', async () => {
    answerWith(() => problem(409, 'It is draining already'));
    const error = await postJson('x', { action: 'drain' }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ status: 409, message: 'It is draining already' });
  });

  it('throw the bare status where there are no words', async () => {
    answerWith(() => new Response('oops', { status: 502, statusText: 'Bad Gateway' }));
    await expect(getJson('x')).rejects.toThrow('502 Bad Gateway');
  });

  it('send actions as JSON', async () => {
    const { calls } = answerWith(() => Response.json({ done: true }, { status: 202 }));
    await postJson('x', { action: 'abort' });
    expect(calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"action":"abort"}', headers: { 'content-type': 'application/json' } });
  });

  it('tell of a gateway that is gone', async () => {
    await getJson('x').catch(() => {});
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch');
    });
    await expect(getJson('x')).rejects.toBeInstanceOf(Unreachable);
    expect(reachability.get().state).toBe('lost');
  });

  it('that are called off tell nothing', async () => {
    answerWith(() => Response.json({}));
    await getJson('x');
    const leaving = new AbortController();
    leaving.abort();
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => init.signal?.throwIfAborted());
    await expect(getJson('x', leaving.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(reachability.get().state).toBe('reached');
  });
});

describe('signing in', () => {
  it('is asked for by 401, and done with by the right token', async () => {
    answerWith(() => problem(401, 'A token is needed'));
    await getJson('x').catch(() => {});
    expect(reachability.get().state).toBe('signedOut');
    await expect(signIn('wrong')).rejects.toThrow('A token is needed');
    expect(reachability.get().state).toBe('signedOut');
    const { calls } = answerWith(() => new Response(null, { status: 204 }));
    await signIn('right');
    expect(calls[0]).toMatchObject(['../inspection/session', { method: 'POST', body: 'right' }]);
    expect(reachability.get().state).toBe('reached');
  });
});
