package io.nioring.consumer.servers;

import io.nioring.consumer.TomcatContract;
import org.apache.catalina.connector.Connector;

/** Tomcat: blocking accept, non-blocking connections. */
class TomcatTest extends TomcatContract {
  @Override
  protected Connector connector() {
    Connector connector = new Connector();
    connector.setPort(0);
    return connector;
  }
}
