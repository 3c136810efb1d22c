package io.nioring.simulation;

/** Something that can act; as long as it can, virtual time stands still. */
interface Actor {
  /** Tells who it is and what it does now; may call the program's code. */
  String describe();
}
