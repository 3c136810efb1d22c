package io.nioring.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Plain sockets of tests are the network's where the JVM has a mode, and the kernel's where it has
 * none. No line here asks for that.
 */
class PlainSocketsTest {
  /** Whether the JVM was started with a mode. */
  private static final boolean OURS = System.getProperty("nioring.mode") != null;

  /** Made before the first test, when the class is initialized. */
  private static final ServerSocket SERVER = open();

  private static ServerSocket open() {
    try {
      return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void close() throws IOException {
    SERVER.close();
  }

  @Test
  void socketsConnectInTheJvm() throws Exception {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), SERVER.getLocalPort());
        Socket accepted = SERVER.accept()) {
      client.getOutputStream().write(7);
      assertEquals(7, accepted.getInputStream().read());
      assertEquals(OURS ? 0 : 2, KernelSockets.connected().size());
    }
  }

  @Test
  void datagramSocketsMeetInTheJvm() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (DatagramSocket receiver = new DatagramSocket(0, loopback);
        DatagramSocket sender = new DatagramSocket(0, loopback)) {
      sender.send(new DatagramPacket(new byte[3], 3, loopback, receiver.getLocalPort()));
      DatagramPacket received = new DatagramPacket(new byte[10], 10);
      receiver.receive(received);
      assertEquals(3, received.getLength());
    }
  }
}
