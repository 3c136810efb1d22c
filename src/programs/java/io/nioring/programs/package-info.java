/**
 * Benchmarks of whole programs: servers and clients that others wrote, on the platform's sockets
 * and on rings.
 *
 * <p>{@link io.nioring.programs.WholePrograms} starts a virtual machine for each contestant, lets
 * them warm up and then measures them in turn; within such a machine a {@link
 * io.nioring.programs.Program} is run.
 */
package io.nioring.programs;
