/**
 * What the platform provides: its {@code SelectorProvider} and the identity of the process.
 *
 * <p>{@link io.nioring.internal.platform.PlatformProvider} is the only way to the kernel's channels
 * and {@link io.nioring.internal.platform.PosixIdentity} the only place that knows user and group
 * ids. Both query the platform lazily, and both have a fallback if it has no answer: an exception
 * that names the flag that helps, or what the JDK itself knows.
 *
 * <p>{@link io.nioring.internal.platform.Descriptors} duplicates the file descriptors that messages
 * carry.
 *
 * <p>The types of JNR-POSIX stay in this package; those of {@code sun.nio.ch} are not even named
 * outside it.
 */
package io.nioring.internal.platform;
