package io.nioring.simulation;

/** What cuts lanes: a partition, or what is like it; equal only to itself. */
@SuppressWarnings("ClassCanBeRecord") // records of the same text would be equal
final class LaneCut {
  private final String text;
  private final Firings firings = new Firings();

  LaneCut(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  Firings firings() {
    return firings;
  }
}
