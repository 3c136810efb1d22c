/**
 * The command line: {@code java -jar nioring-all.jar VERB}.
 *
 * <p>A verb that looks into another JVM attaches to it ({@link io.nioring.cli.JvmAttachment}), and
 * from then on talks to the MBeans of its networks, which have open types only: the two may have
 * different versions of nioring. Nothing else of nioring refers to this package. Each verb writes
 * to the streams that its command line was given. The exit status is 0, 1 if something was not
 * found or was refused ({@link io.nioring.cli.CommandFailure}), or 2 for wrong usage. No locks: one
 * thread runs a verb.
 */
package io.nioring.cli;
