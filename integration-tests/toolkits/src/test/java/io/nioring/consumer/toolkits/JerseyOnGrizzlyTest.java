package io.nioring.consumer.toolkits;

import io.nioring.consumer.HttpServerContract;
import io.nioring.consumer.Meeting;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.ssl.SSLEngineConfigurator;
import org.glassfish.jersey.grizzly2.httpserver.GrizzlyHttpServerFactory;
import org.glassfish.jersey.server.ResourceConfig;

/** Jersey in Grizzly's HTTP server. */
class JerseyOnGrizzlyTest extends HttpServerContract {
  private static final URI ANY_PORT = URI.create("http://127.0.0.1:0/");

  @Override
  protected Running start() throws Exception {
    return running(GrizzlyHttpServerFactory.createHttpServer(ANY_PORT, resources(), false));
  }

  @Override
  protected Running startSecure(SSLContext context) throws Exception {
    SSLEngineConfigurator engine = new SSLEngineConfigurator(context, false, false, false);
    return running(
        GrizzlyHttpServerFactory.createHttpServer(ANY_PORT, resources(), true, engine, false));
  }

  private ResourceConfig resources() {
    return new ResourceConfig().register(new Answers(this::meeting));
  }

  private static Running running(HttpServer server) throws Exception {
    server.getListener("grizzly").getKeepAlive().setMaxRequestsCount(-1); // not 256 a connection
    server.start();
    return new Running(
        server.getListener("grizzly").getPort(),
        () -> server.shutdown(30, TimeUnit.SECONDS).get(60, TimeUnit.SECONDS));
  }

  /** Answers the requests of the contract. */
  @Path("/")
  public static final class Answers {
    private final Supplier<Meeting> meeting;

    Answers(Supplier<Meeting> meeting) {
      this.meeting = meeting;
    }

    /** The query. */
    @GET
    @Path("small")
    public String small(@Context UriInfo uri) {
      return uri.getRequestUri().getQuery();
    }

    /** The body. */
    @POST
    @Path("echo")
    public byte[] echo(byte[] body) {
      return body;
    }

    /** Says "met" once everybody is there. */
    @GET
    @Path("meet")
    public void meet(@Suspended AsyncResponse response) {
      meeting.get().arrive().thenRun(() -> response.resume("met"));
    }
  }
}
