/**
 * The clock that everything with a time limit or a wait uses.
 *
 * <p>A network has one {@link io.nioring.internal.time.Clock}, which it passes to everything that
 * waits. The default is the system's; a simulation has its own, whose time advances when all its
 * threads wait. Only the classes here ask the system for the time or park a thread; unparking one
 * needs no clock.
 */
package io.nioring.internal.time;
