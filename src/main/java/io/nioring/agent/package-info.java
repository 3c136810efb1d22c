/**
 * The Java agent of the jar that holds everything: switches the rings on where the class path of a
 * program cannot be changed.
 *
 * <p>It only sets system properties, before anything has asked for the JVM's provider, and then
 * checks whether they took effect. It stands above all other packages, and none imports it.
 */
package io.nioring.agent;
