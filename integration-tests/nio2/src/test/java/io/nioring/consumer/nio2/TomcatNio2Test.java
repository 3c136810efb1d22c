package io.nioring.consumer.nio2;

import io.nioring.consumer.TomcatContract;
import org.apache.catalina.connector.Connector;

/** Tomcat on asynchronous channels. */
class TomcatNio2Test extends TomcatContract {
  @Override
  protected Connector connector() {
    Connector connector = new Connector("org.apache.coyote.http11.Http11Nio2Protocol");
    connector.setPort(0);
    return connector;
  }
}
