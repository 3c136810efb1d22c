package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import java.io.IOException;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.params.provider.Arguments;

/** What tests of TLS share, whatever carries its records. */
abstract class TlsContract {
  static final SSLContext CONTEXT = TlsCertificate.context();

  /** One operation of an end that another thread does meanwhile. */
  interface Action {
    void run() throws IOException;
  }

  /** An end that has shaken hands. */
  interface End {
    void send(byte[] bytes) throws IOException;

    byte[] receive(int count) throws IOException;
  }

  /** Each way of carrying records with both versions. */
  static Stream<Arguments> withEachVersion(Supplier<? extends Stream<?>> worlds) {
    return Stream.of("TLSv1.2", "TLSv1.3")
        .flatMap(version -> worlds.get().map(world -> Arguments.of(world, version)));
  }

  static Background<Void> inBackground(Action action) {
    return Background.run(
        () -> {
          action.run();
          return null;
        });
  }

  static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  /** Sends as many bytes from each end at the same time, and checks that they arrive. */
  static void exchange(End client, End server, int count) throws IOException {
    byte[] sent = bytes(count);
    Background<byte[]> toServer = Background.run(() -> server.receive(count));
    Background<byte[]> toClient = Background.run(() -> client.receive(count));
    Background<Void> fromServer = inBackground(() -> server.send(sent));

    client.send(sent);

    fromServer.result();
    assertThat(toServer.result()).isEqualTo(sent);
    assertThat(toClient.result()).isEqualTo(sent);
  }
}
