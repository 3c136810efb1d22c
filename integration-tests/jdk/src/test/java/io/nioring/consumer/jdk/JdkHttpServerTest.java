package io.nioring.consumer.jdk;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.nioring.consumer.HttpServerContract;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** The JDK's HTTP server and client. */
class JdkHttpServerTest extends HttpServerContract {
  /** What runs the server's exchanges. */
  ExecutorService executor() {
    return Executors.newCachedThreadPool();
  }

  @Override
  protected Running start() throws Exception {
    return start(HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 100));
  }

  @Override
  protected Running startSecure(SSLContext context) throws Exception {
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 100);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return start(server);
  }

  private Running start(HttpServer server) {
    ExecutorService executor = executor();
    server.setExecutor(executor);
    server.createContext("/", new Exchanges(this::meeting));
    server.start();
    return new Running(
        server.getAddress().getPort(),
        () -> {
          server.stop(0);
          executor.shutdownNow();
        });
  }
}
