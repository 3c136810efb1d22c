package io.nioring.programs;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;

/** Tomcat, and the asynchronous client of Apache HttpComponents over kept-alive connections. */
@SuppressWarnings("FutureReturnValueIgnored") // who waits for the answer notices a failure
final class TomcatHttpComponents implements Program.Session {
  private static final int BODY_BYTES = 128;

  /** Held so that its level lasts. */
  private static final Logger LOGGER = Logger.getLogger("org.apache");

  private final Path directory = Files.createTempDirectory("tomcat");
  private final Tomcat tomcat = new Tomcat();
  private final CloseableHttpAsyncClient client;
  private final String uri;
  private final int outstanding;

  private TomcatHttpComponents(int outstanding) throws Exception {
    this.outstanding = outstanding;
    LOGGER.setLevel(Level.SEVERE);
    tomcat.setBaseDir(directory.toString());
    tomcat.setPort(0);
    Connector connector = tomcat.getConnector();
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxKeepAliveRequests", "-1");
    Context root = tomcat.addContext("", directory.toString());
    Tomcat.addServlet(root, "greeting", new Greeting()).addMapping("/");
    tomcat.start();
    uri = "http://127.0.0.1:" + connector.getLocalPort() + "/";
    client =
        HttpAsyncClients.custom()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create()
                    .setMaxConnTotal(outstanding)
                    .setMaxConnPerRoute(outstanding)
                    .build())
            .build();
    client.start();
  }

  static Program.Session open(int outstanding) throws Exception {
    return new TomcatHttpComponents(outstanding);
  }

  @Override
  public void run(Budget budget) throws Exception {
    SimpleHttpRequest request = SimpleRequestBuilder.get(uri).build();
    Outstanding.run(budget, outstanding, (slot, end) -> client.execute(request, new Answer(end)));
  }

  @Override
  public void close() throws IOException {
    client.close();
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      throw new IOException(e);
    }
  }

  private static final class Greeting extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      byte[] body = "x".repeat(BODY_BYTES).getBytes(StandardCharsets.US_ASCII);
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }

  private record Answer(Outstanding.End end) implements FutureCallback<SimpleHttpResponse> {
    @Override
    public void completed(SimpleHttpResponse response) {
      int bytes = response.getBodyBytes().length;
      end.ended(bytes == BODY_BYTES ? null : new IOException("a body of " + bytes));
    }

    @Override
    public void failed(Exception cause) {
      end.ended(cause);
    }

    @Override
    public void cancelled() {
      end.ended(new CancellationException());
    }
  }
}
