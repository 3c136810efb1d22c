package io.nioring.internal.net;

import io.nioring.RingNetwork;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Has a factory of its own for datagram sockets, and then asks for those of a network. */
public final class ForeignFactoryProgram {
  private ForeignFactoryProgram() {}

  /** Prints what became of it. */
  @SuppressWarnings({"deprecation", "AddressSelection"}) // the only way; a literal
  public static void main(String[] args) throws Exception {
    DatagramSocket.setDatagramSocketImplFactory(
        () -> {
          throw new AssertionError("nobody makes a datagram socket");
        });
    try (RingNetwork network = RingNetwork.open()) {
      network.installSockets();
      System.out.println("installed");
    } catch (IllegalStateException e) {
      System.out.println("refused");
    }
    try (ServerSocket server = new ServerSocket();
        Socket client = new Socket()) {
      server.bind(new InetSocketAddress("127.0.0.1", 0));
      client.connect(server.getLocalSocketAddress());
      server.accept().close();
      System.out.println("connected");
    }
    Socket.setSocketImplFactory(() -> null);
    ServerSocket.setSocketFactory(() -> null);
    System.out.println("factories free");
  }
}
