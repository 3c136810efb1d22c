/** Copies between memory of ours and the buffers of a program, which may be anything. */
package io.nioring.internal.copy;
