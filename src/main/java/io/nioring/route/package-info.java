/**
 * Which address goes where: over a ring, to the kernel, or by both.
 *
 * <p>{@link io.nioring.route.Mode} names the three ways, {@link io.nioring.route.Routes} chooses
 * one by address. Everything here is an immutable value: it knows addresses and text, opens
 * nothing, resolves no names, and imports no other package of nioring.
 *
 * <p>Terms: a <em>route</em> is a rule, an address pattern with a mode; the first route whose
 * pattern matches decides.
 */
package io.nioring.route;
