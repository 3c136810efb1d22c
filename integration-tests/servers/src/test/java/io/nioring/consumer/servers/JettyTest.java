package io.nioring.consumer.servers;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.nioring.consumer.HttpServerContract;
import io.nioring.consumer.Payload;
import io.nioring.consumer.TemporaryDirectory;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;

/** Jetty's server and client. */
class JettyTest extends HttpServerContract {
  @Override
  protected Running start() throws Exception {
    Server server = new Server();
    return start(server, new ServerConnector(server));
  }

  @Override
  protected Running startSecure(SSLContext context) throws Exception {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    factory.setSslContext(context);
    Server server = new Server();
    return start(server, new ServerConnector(server, factory));
  }

  private Running start(Server server, ServerConnector connector) throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(new Answers());
    server.start();
    return new Running(connector.getLocalPort(), server::stop);
  }

  @Test
  void jettysOwnClient() throws Exception {
    Running server = start();
    try (Wire wire = Wire.watch();
        HttpClient client = new HttpClient()) {
      client.start();
      String base = "http://127.0.0.1:" + server.port();
      work(client.newRequest(base + "/small?jetty"), client.newRequest(base + "/echo"));
      wire.ringsCarried(1, 2L * Payload.LARGE);
    } finally {
      server.end().close();
    }
  }

  @Test
  void serverAndClientAtUnixPath() throws Exception {
    Path path = TemporaryDirectory.make().resolve("jetty.socket");
    Server server = new Server();
    UnixDomainServerConnector connector = new UnixDomainServerConnector(server);
    connector.setUnixDomainPath(path);
    server.addConnector(connector);
    server.setHandler(new Answers());
    server.start();
    try (Wire wire = Wire.watch();
        HttpClient client = new HttpClient()) {
      client.start();
      Transport unix = new Transport.TCPUnix(path);
      work(
          client.newRequest("http://localhost/small?jetty").transport(unix),
          client.newRequest("http://localhost/echo").transport(unix));
      wire.ringsCarried(1, 2L * Payload.LARGE);
      if (Wire.isRing()) {
        assertFalse(Files.exists(path), "the ring's path became a file");
      }
    } finally {
      server.stop();
    }
  }

  private static void work(Request small, Request echo) throws Exception {
    assertEquals("jetty", small.send().getContentAsString());
    byte[] body = Payload.ofSize(Payload.LARGE);
    echo.method("POST").body(new BytesRequestContent(body));
    ContentResponse response =
        new CompletableResponseListener(echo, 2 * Payload.LARGE).send().get(60, TimeUnit.SECONDS);
    assertEquals(body.length, response.getContent().length);
    assertEquals(Payload.checksum(body), Payload.checksum(response.getContent()));
  }

  /** Answers the requests of the contract. */
  private final class Answers extends Handler.Abstract {
    @Override
    public boolean handle(
        org.eclipse.jetty.server.Request request, Response response, Callback callback)
        throws Exception {
      byte[] body = Content.Source.asInputStream(request).readAllBytes();
      byte[] answer =
          switch (org.eclipse.jetty.server.Request.getPathInContext(request)) {
            case "/small" -> request.getHttpURI().getQuery().getBytes(US_ASCII);
            case "/echo" -> body;
            case "/meet" -> met();
            default -> throw new IOException("unexpected " + request);
          };
      response.getHeaders().put("Content-Length", answer.length);
      response.write(true, ByteBuffer.wrap(answer), callback);
      return true;
    }

    private byte[] met() throws Exception {
      meeting().arrive().get(60, TimeUnit.SECONDS);
      return "met".getBytes(US_ASCII);
    }
  }
}
