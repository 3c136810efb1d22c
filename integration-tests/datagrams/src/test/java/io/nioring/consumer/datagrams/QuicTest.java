package io.nioring.consumer.datagrams;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.nioring.consumer.Certificate;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.security.KeyStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.QuicConnection;
import tech.kwik.core.QuicStream;
import tech.kwik.core.log.NullLogger;
import tech.kwik.core.server.ApplicationProtocolConnection;
import tech.kwik.core.server.ApplicationProtocolConnectionFactory;
import tech.kwik.core.server.ServerConnectionConfig;
import tech.kwik.core.server.ServerConnector;

/** Kwik's QUIC, server and client, on plain sockets. */
class QuicTest {
  private static final int STREAMS = 20;

  /** Longer than a machine with much else to do leaves a thread without a processor. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @Test
  void streamsEcho() throws Exception {
    DatagramSocket socket = new DatagramSocket(new InetSocketAddress(Loopback.address(), 0));
    try (Wire wire = Wire.watch();
        ServerConnector server =
            ServerConnector.builder()
                .withPort(socket.getLocalPort())
                .withSocket(socket)
                .withKeyStore(keys(), "consumer", Certificate.PASSWORD.toCharArray(), "secp256r1")
                .withConfiguration(
                    ServerConnectionConfig.builder()
                        .maxOpenPeerInitiatedBidirectionalStreams(2 * STREAMS)
                        .maxIdleTimeoutInSeconds((int) PATIENCE.toSeconds())
                        .build())
                .withLogger(new NullLogger())
                .build()) {
      server.registerApplicationProtocol("echo", new Echoes());
      server.start();
      QuicClientConnection client =
          QuicClientConnection.newBuilder()
              .uri(URI.create("echo://" + Loopback.URL_HOST + ":" + socket.getLocalPort()))
              .applicationProtocol("echo")
              .noServerCertificateCheck()
              .connectTimeout(PATIENCE)
              .maxIdleTimeout(PATIENCE)
              .build();
      client.connect();
      for (int i = 0; i < STREAMS; i++) {
        assertEchoed(client, Payload.ofSize(i == 0 ? 200_000 : i + 1));
      }
      wire.noKernelDatagrams();
      wire.noKernelConnections();
      client.closeAndWait();
    }
  }

  private static void assertEchoed(QuicClientConnection client, byte[] bytes) throws Exception {
    QuicStream stream = client.createStream(true);
    Thread writer = new Thread(() -> write(stream, bytes), "writer");
    writer.start();
    assertArrayEquals(bytes, stream.getInputStream().readAllBytes());
    writer.join();
  }

  private static void write(QuicStream stream, byte[] bytes) {
    try (OutputStream out = stream.getOutputStream()) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static KeyStore keys() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Certificate.get().file())) {
      store.load(in, Certificate.PASSWORD.toCharArray());
    }
    return store;
  }

  /** Sends back what comes on each stream. */
  private static final class Echoes implements ApplicationProtocolConnectionFactory {
    @Override
    public int maxConcurrentPeerInitiatedBidirectionalStreams() {
      return 2 * STREAMS;
    }

    @Override
    public ApplicationProtocolConnection createConnection(
        String protocol, QuicConnection connection) {
      return new ApplicationProtocolConnection() {
        @Override
        public void acceptPeerInitiatedStream(QuicStream stream) {
          new Thread(() -> echo(stream), "echo").start();
        }
      };
    }

    private static void echo(QuicStream stream) {
      try (OutputStream out = stream.getOutputStream()) {
        stream.getInputStream().transferTo(out);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
