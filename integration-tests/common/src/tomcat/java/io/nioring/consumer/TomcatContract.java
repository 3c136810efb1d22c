package io.nioring.consumer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** What Tomcat answers, by whichever of its connectors. */
public abstract class TomcatContract extends HttpServerContract {
  /** A connector of the kind that is tested, at any port. */
  protected abstract Connector connector();

  @Override
  protected Running start() throws Exception {
    return startSecure(null);
  }

  @Override
  protected Running startSecure(SSLContext context) throws Exception {
    Path directory = TemporaryDirectory.make();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(directory.toString());
    Connector connector = connector();
    tomcat.setConnector(connector);
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxKeepAliveRequests", "-1");
    if (context != null) {
      secure(connector);
    }
    Context root = tomcat.addContext("", directory.toString());
    Tomcat.addServlet(root, "answers", new Answers());
    root.addServletMappingDecoded("/", "answers");
    tomcat.start();
    return new Running(
        connector.getLocalPort(),
        () -> {
          tomcat.stop();
          tomcat.destroy();
        });
  }

  private static void secure(Connector connector) {
    SSLHostConfig host = new SSLHostConfig();
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
    certificate.setCertificateKeystoreFile(Certificate.get().file().toString());
    certificate.setCertificateKeystoreType("PKCS12");
    certificate.setCertificateKeystorePassword(Certificate.PASSWORD);
    host.addCertificate(certificate);
    connector.setSecure(true);
    connector.setScheme("https");
    connector.setProperty("SSLEnabled", "true");
    connector.addSslHostConfig(host);
  }

  /** Answers the requests of the contract. */
  private final class Answers extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      byte[] body = request.getInputStream().readAllBytes();
      byte[] answer =
          switch (request.getRequestURI()) {
            case "/small" -> request.getQueryString().getBytes(US_ASCII);
            case "/echo" -> body;
            case "/meet" -> met();
            default -> throw new IOException("unexpected " + request.getRequestURI());
          };
      response.setContentLength(answer.length);
      response.getOutputStream().write(answer);
    }

    private byte[] met() throws IOException {
      try {
        meeting().arrive().get(60, TimeUnit.SECONDS);
        return "met".getBytes(US_ASCII);
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }
}
