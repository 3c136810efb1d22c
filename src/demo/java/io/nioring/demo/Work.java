package io.nioring.demo;

/**
 * What a program has done.
 *
 * @param exchanges questions that were asked and answered
 * @param payloadBytes bytes of the questions and answers themselves, every one of them checked
 * @param seconds how long it took
 * @param processorSeconds the processor time that the process took meanwhile, of all its threads
 */
record Work(long exchanges, long payloadBytes, double seconds, double processorSeconds) {
  /** This and another one, one after the other. */
  Work plus(Work other) {
    return new Work(
        exchanges + other.exchanges,
        payloadBytes + other.payloadBytes,
        seconds + other.seconds,
        processorSeconds + other.processorSeconds);
  }

  double exchangesPerSecond() {
    return exchanges / seconds;
  }

  double megabytesPerSecond() {
    return payloadBytes / 1e6 / seconds;
  }

  double processorMicrosPerExchange() {
    return processorSeconds * 1e6 / exchanges;
  }
}
