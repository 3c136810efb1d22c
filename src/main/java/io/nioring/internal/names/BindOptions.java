package io.nioring.internal.names;

/**
 * The parameters of a bind besides its address.
 *
 * @param server whether a server binds, which will listen; otherwise a client
 * @param kernelToo whether the kernel has bound the address already, and connects may be its own
 * @param dualStack whether an IPv6 wildcard also stands for the IPv4 addresses
 * @param reuseAddress {@code SO_REUSEADDR}: whether the address may be shared with others that set
 *     it too, as long as none of them listens
 * @param reusePort {@code SO_REUSEPORT}: whether the address may be shared with others that set it
 *     too
 */
public record BindOptions(
    boolean server,
    boolean kernelToo,
    boolean dualStack,
    boolean reuseAddress,
    boolean reusePort) {}
