package io.nioring.internal.names;

/**
 * What a bind asks for beside its address.
 *
 * @param server whether a server binds, which will listen; otherwise a client
 * @param kernelToo whether the kernel has bound the address already, and connects may be its own
 * @param dualStack whether an IPv6 wildcard also stands for the IPv4 addresses
 * @param reuseAddress {@code SO_REUSEADDR}: whether others that say so too may have the address, as
 *     long as none of them listens
 * @param reusePort {@code SO_REUSEPORT}: whether others that say so too may have the address
 */
public record BindOptions(
    boolean server,
    boolean kernelToo,
    boolean dualStack,
    boolean reuseAddress,
    boolean reusePort) {}
