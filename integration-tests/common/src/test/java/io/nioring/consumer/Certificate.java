package io.nioring.consumer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate of the loopback addresses, made by the JDK's keytool once for all runs
 * of a project's tests.
 */
public final class Certificate {
  /** The password of the key store and of its key. */
  public static final String PASSWORD = "changeit";

  private static final Path KEPT = Path.of("target", "certificate.p12").toAbsolutePath();

  private static Certificate made;

  private final Path file;
  private final SSLContext context;

  private Certificate(Path file) throws IOException, GeneralSecurityException {
    this.file = file;
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
  }

  /** The certificate of this project. */
  public static synchronized Certificate get() {
    if (made == null) {
      try {
        if (!Files.exists(KEPT)) {
          make();
        }
        made = new Certificate(KEPT);
      } catch (IOException | GeneralSecurityException | InterruptedException e) {
        throw new IllegalStateException("cannot make a certificate", e);
      }
    }
    return made;
  }

  private static void make() throws IOException, InterruptedException {
    Path file = Files.createTempDirectory(KEPT.getParent(), "keytool").resolve("made.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-alias",
                "consumer",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1,ip:::1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new IllegalStateException("keytool: " + output);
    }
    Files.move(file, KEPT, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The key store, of type PKCS12. */
  public Path file() {
    return file;
  }

  /** A context that shows the certificate, and trusts it. */
  public SSLContext context() {
    return context;
  }
}
