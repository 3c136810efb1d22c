/** Stress tests of the memory order of whole connections: each claim has a forbidden outcome. */
package io.nioring.stress;
