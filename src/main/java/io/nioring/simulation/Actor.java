package io.nioring.simulation;

/** One who can act, so that virtual time stands still. */
interface Actor {
  /** Tells who it is and what it does now; may call the program's code. */
  String describe();
}
