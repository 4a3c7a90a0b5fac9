// The forms that this Node has: what holds for one of them holds for the other.

import { nativeTls } from '../src/native/form.ts';
import type { TlsForm } from '../src/index.ts';

export const forms: readonly TlsForm[] = nativeTls().openssl === null ? ['sockets'] : ['native', 'sockets'];
