package io.nioring.consumer.nio2;

import io.nioring.consumer.TomcatContract;
import org.apache.catalina.connector.Connector;

/** Tomcat on asynchronous channels. */
class TomcatNio2Test extends TomcatContract {
  /** Above {@link io.nioring.consumer.HttpServerContract}'s connections at once. */
  private static final int THREADS = 60;

  /**
   * {@inheritDoc}
   *
   * <p>All of its threads are there from the start: when several threads submit at once, Tomcat's
   * pool may queue a task although each of its threads is busy. {@code TaskQueue.offer} reads how
   * many tasks there are before it reads how many threads, and the thread of a later task may be
   * among these.
   */
  @Override
  protected Connector connector() {
    Connector connector = new Connector("org.apache.coyote.http11.Http11Nio2Protocol");
    connector.setPort(0);
    connector.setProperty("minSpareThreads", Integer.toString(THREADS));
    return connector;
  }
}
