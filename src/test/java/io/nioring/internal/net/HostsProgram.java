package io.nioring.internal.net;

import io.nioring.RingNetwork;
import io.nioring.RingSelectorProvider;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.spi.SelectorProvider;

/** Looks up what the settings name, and connects to it. */
@SuppressWarnings("AddressSelection") // it looks names up
final class HostsProgram {
  private HostsProgram() {}

  public static void main(String[] args) throws Exception {
    RingNetwork network = ((RingSelectorProvider) SelectorProvider.provider()).network();
    network.installSockets();
    try (ServerSocket server = new ServerSocket(5432, 5, InetAddress.getByName("db.test"));
        Socket client = new Socket("db.test", 5432)) {
      System.out.println(client.getRemoteSocketAddress() + " " + server.getLocalPort());
    }
    System.out.println(InetAddress.getByName("localhost").isLoopbackAddress());
    for (InetAddress each : InetAddress.getAllByName("localhost")) {
      System.out.println(each);
    }
    System.out.println(InetAddress.getByName("::1").getHostName());
    System.out.println(InetAddress.getLocalHost().isLoopbackAddress());
    for (String name :
        new String[] {"DB.TEST", "Db.test", "mail.test", "MAIL.TEST", "Mail.test", "Mail.Test"}) {
      System.out.println(InetAddress.getByName(name).getHostAddress());
    }
    for (InetAddress each : InetAddress.getAllByName("two.test")) { // IPv4 first
      System.out.println(each);
    }
    System.out.println(network.address("two.test"));
    try {
      System.out.println(InetAddress.getByName("nobody.example"));
    } catch (UnknownHostException e) {
      System.out.println("unknown");
    }
  }
}
