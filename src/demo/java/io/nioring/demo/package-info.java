/**
 * The main job: programs that know nothing of nioring, run once on the platform's provider and once
 * on rings by naming the provider on the command line, and compared.
 *
 * <p>{@link io.nioring.demo.MainJob} starts virtual machines of both kinds in turn. In each, {@link
 * io.nioring.demo.Workload} runs the JDK's own HTTP server and client ({@link
 * io.nioring.demo.HttpWork}) and the selector loop that tutorials show ({@link
 * io.nioring.demo.EchoServer}, {@link io.nioring.demo.EchoWork}), and checks every byte. {@link
 * io.nioring.demo.RingReport} alone names a class of nioring, to ask what went over rings.
 */
package io.nioring.demo;
