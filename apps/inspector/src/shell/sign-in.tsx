import { useState, type FormEvent } from 'react';
import { Button, Input, Label, TextField } from 'react-aria-components';
import { signIn } from '../api/client.ts';

/** The gateway has an admin token, and asks for it. */
export function SignIn() {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await signIn(token);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form className="sign-in panel" onSubmit={(event) => void submit(event)}>
      <h1>Sign in</h1>
      <p>This gateway asks for its admin token. The browser keeps it as a cookie for this page only.</p>
      <TextField className="field" type="password" value={token} onChange={setToken} autoComplete="current-password" isRequired>
        <Label>Admin token</Label>
        <Input className="input" />
      </TextField>
      {problem === null ? null : (
        <p className="note bad" role="alert">
          {problem}
        </p>
      )}
      <Button className="button primary" type="submit">
        Sign in
      </Button>
    </form>
  );
}
