export {
  type AdoptableSocket,
  createNodeTransport,
  type NodeListenOptions,
  type NodeTransport,
  type NodeTransportOptions,
  type OverloadAnswer,
} from './node-transport.ts';
export { descriptorLimit } from './overload.ts';
