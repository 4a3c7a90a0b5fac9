// Every foreign function this lib calls, declared once: those of the OpenSSL that is part of node's own binary, which exports it
// (`dlopen(null)` finds it; no library is loaded), and mmap(2). Declarations follow OpenSSL 3's headers; pointers and sizes are `u64`
// and come as BigInts.
//
// A call costs some 200 ns with a pointer among its arguments, and 40 when all of them are 32-bit integers, which is what V8 compiles
// into its caller. node's binary lies where its heap begins below 4 GiB, so that pointers usually are such integers: what is called for
// every message is declared a second time for those (`Narrow`). A register's upper half is zero then, as a pointer needs it.
//
// `SSL_do_handshake` is the only function that calls back into JavaScript.

const pointer = 'pointer';
const size = 'u64';
const int = 'i32';
const long = 'i64';

const definitions = {
  mmap: { arguments: [pointer, size, int, int, int, long], return: pointer },
  munmap: { arguments: [pointer, size], return: int },

  OPENSSL_version_major: { arguments: [], return: 'u32' },
  ERR_peek_error: { arguments: [], return: 'u64' },
  ERR_error_string_n: { arguments: ['u64', pointer, size], return: 'void' },
  ERR_reason_error_string: { arguments: ['u64'], return: pointer },

  BIO_s_mem: { arguments: [], return: pointer },
  BIO_new: { arguments: [pointer], return: pointer },
  BIO_up_ref: { arguments: [pointer], return: int },
  BIO_free: { arguments: [pointer], return: int },
  BIO_read: { arguments: [pointer, pointer, int], return: int },
  BIO_write: { arguments: [pointer, pointer, int], return: int },
  BIO_ctrl: { arguments: [pointer, int, long, pointer], return: long },
  BIO_ctrl_pending: { arguments: [pointer], return: 'u32' },

  PEM_read_bio_X509: { arguments: [pointer, pointer, pointer, pointer], return: pointer },
  PEM_read_bio_PrivateKey: { arguments: [pointer, pointer, pointer, pointer], return: pointer },
  X509_free: { arguments: [pointer], return: 'void' },
  EVP_PKEY_free: { arguments: [pointer], return: 'void' },
  i2d_X509: { arguments: [pointer, pointer], return: int },
  X509_STORE_new: { arguments: [], return: pointer },
  X509_STORE_free: { arguments: [pointer], return: 'void' },
  X509_STORE_up_ref: { arguments: [pointer], return: int },
  X509_STORE_add_cert: { arguments: [pointer, pointer], return: int },

  TLS_server_method: { arguments: [], return: pointer },
  TLS_client_method: { arguments: [], return: pointer },
  SSL_CTX_new: { arguments: [pointer], return: pointer },
  SSL_CTX_free: { arguments: [pointer], return: 'void' },
  SSL_CTX_ctrl: { arguments: [pointer, int, long, pointer], return: long },
  SSL_CTX_callback_ctrl: { arguments: [pointer, int, pointer], return: long },
  SSL_CTX_set_options: { arguments: [pointer, 'u64'], return: 'u64' },
  SSL_CTX_use_certificate: { arguments: [pointer, pointer], return: int },
  SSL_CTX_use_PrivateKey: { arguments: [pointer, pointer], return: int },
  SSL_CTX_set_cipher_list: { arguments: [pointer, 'string'], return: int },
  SSL_CTX_set_ciphersuites: { arguments: [pointer, 'string'], return: int },
  SSL_CTX_set_alpn_select_cb: { arguments: [pointer, pointer, pointer], return: 'void' },
  SSL_CTX_set_alpn_protos: { arguments: [pointer, pointer, 'u32'], return: int },
  SSL_CTX_set_verify: { arguments: [pointer, int, pointer], return: 'void' },
  SSL_CTX_set_cert_store: { arguments: [pointer, pointer], return: 'void' },
  SSL_CTX_add_client_CA: { arguments: [pointer, pointer], return: int },
  SSL_CTX_set_session_id_context: { arguments: [pointer, pointer, 'u32'], return: int },
  SSL_CTX_set_timeout: { arguments: [pointer, long], return: long },
  SSL_CTX_set_num_tickets: { arguments: [pointer, size], return: int },
  SSL_CTX_sess_set_new_cb: { arguments: [pointer, pointer], return: 'void' },
  SSL_CTX_sess_set_get_cb: { arguments: [pointer, pointer], return: 'void' },
  SSL_SESSION_get_id: { arguments: [pointer, pointer], return: pointer },
  i2d_SSL_SESSION: { arguments: [pointer, pointer], return: int },
  d2i_SSL_SESSION: { arguments: [pointer, pointer, long], return: pointer },

  SSL_new: { arguments: [pointer], return: pointer },
  SSL_free: { arguments: [pointer], return: 'void' },
  SSL_set_bio: { arguments: [pointer, pointer, pointer], return: 'void' },
  SSL_set_accept_state: { arguments: [pointer], return: 'void' },
  SSL_set_connect_state: { arguments: [pointer], return: 'void' },
  SSL_set_SSL_CTX: { arguments: [pointer, pointer], return: pointer },
  SSL_do_handshake: { arguments: [pointer], return: int },
  SSL_read: { arguments: [pointer, pointer, int], return: int },
  SSL_write: { arguments: [pointer, pointer, int], return: int },
  SSL_shutdown: { arguments: [pointer], return: int },
  SSL_rstate_string: { arguments: [pointer], return: pointer },
  SSL_has_pending: { arguments: [pointer], return: int },
  SSL_get_error: { arguments: [pointer, int], return: int },
  SSL_version: { arguments: [pointer], return: int },
  SSL_get_version: { arguments: [pointer], return: pointer },
  SSL_get_current_cipher: { arguments: [pointer], return: pointer },
  SSL_CIPHER_get_name: { arguments: [pointer], return: pointer },
  SSL_get0_alpn_selected: { arguments: [pointer, pointer, pointer], return: 'void' },
  SSL_get_servername: { arguments: [pointer, int], return: pointer },
  SSL_session_reused: { arguments: [pointer], return: 'u32' },
  SSL_get_verify_result: { arguments: [pointer], return: long },
  SSL_get1_peer_certificate: { arguments: [pointer], return: pointer },
} as const;

/** For pointers below 4 GiB. */
const narrowDefinitions = {
  /** Takes no argument, and pays no attention to this one: a call without any is a slow one. */
  ERR_clear_error: { arguments: ['u32'], return: 'void' },
  BIO_read: { arguments: ['u32', 'u32', int], return: int },
  BIO_write: { arguments: ['u32', 'u32', int], return: int },
  BIO_ctrl_pending: { arguments: ['u32'], return: 'u32' },
  SSL_read: { arguments: ['u32', 'u32', int], return: int },
  SSL_write: { arguments: ['u32', 'u32', int], return: int },
} as const;

export type Ffi = typeof import('node:ffi');
type Opened = ReturnType<typeof open>;
/** The functions, by their C names. */
export type Symbols = Opened['functions'];
/** Those that take pointers below 4 GiB as plain numbers. */
export type Narrow = ReturnType<typeof openNarrow>['functions'];
/** What makes callbacks. */
export type CallbackMaker = Opened['lib'];
export type Pointer = bigint;

export interface OpenedSymbols {
  readonly ssl: Symbols;
  readonly narrow: Narrow;
  readonly callbacks: CallbackMaker;
}

function open(ffi: Ffi): ReturnType<typeof ffi.dlopen<typeof definitions>> {
  return ffi.dlopen(null, definitions);
}

function openNarrow(ffi: Ffi): ReturnType<typeof ffi.dlopen<typeof narrowDefinitions>> {
  return ffi.dlopen(null, narrowDefinitions);
}

/** @throws Error when a function is missing, or foreign calls are not permitted */
export function openSymbols(ffi: Ffi): OpenedSymbols {
  const { functions, lib } = open(ffi);
  return { ssl: functions, narrow: openNarrow(ffi).functions, callbacks: lib };
}

/** The pointer as `Narrow` takes it; 0 when it is too high. */
export function narrowed(pointer: Pointer): number {
  return pointer <= 0xffff_ffffn ? Number(pointer) : 0;
}

/**
 * Loads `node:ffi` without its experimental warning, about which nobody who uses this lib could do anything. Loading is synchronous, so no
 * other warning is lost meanwhile. `null` where this Node has none.
 */
export function loadFfi(): Ffi | null {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return (process.getBuiltinModule('node:ffi') as Ffi | undefined) ?? null;
  } finally {
    process.emitWarning = emitWarning;
  }
}
