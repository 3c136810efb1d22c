/**
 * What a ring socket does beyond java.nio, told as a contract: ancillary data, peek, credentials,
 * socket pairs, abstract names, raw readiness and Netty's buffers, and the same scripts on a socket
 * pair of the kernel's.
 */
package io.nioring.unix;
