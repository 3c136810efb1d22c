package io.nioring.fault;

/** A thread of the operation that is tried, in which sites fail as in the one that began it. */
public final class FaultThread extends Thread {

  public FaultThread(Runnable body) {
    super(body, "fault-thread");
    setDaemon(true);
  }
}
