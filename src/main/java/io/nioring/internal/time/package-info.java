/**
 * The clock that everything with a limit or a wait asks.
 *
 * <p>A network has one {@link io.nioring.internal.time.Clock}, which it hands to whatever waits.
 * The plain one is the system's; a simulation has one of its own, whose time passes when all its
 * threads wait. No class of ours but these asks the system for the time, and none but these parks a
 * thread; who unparks one needs no clock.
 */
package io.nioring.internal.time;
