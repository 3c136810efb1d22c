package io.nioring.cli;

import io.nioring.RingNetwork;
import io.nioring.agent.RingAgent;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Has a listener and a connection with ten bytes unread until its standard input ends, and as many
 * further networks and unconnected sockets as its properties say.
 */
public final class ConnectedProgram {
  private ConnectedProgram() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    for (int i = Integer.getInteger("program.networks", 0); i > 0; i--) {
      RingNetwork.open().registerMXBean();
    }
    if (Boolean.getBoolean("program.unregistered")) {
      RingNetwork.open().provider();
    }
    if (Boolean.getBoolean("program.observed")) {
      RingAgent.agentmain("observe", null); // as --load-agent has it called
    }
    if (Boolean.getBoolean("program.idle")) {
      System.out.println("ready");
      System.in.transferTo(OutputStream.nullOutputStream());
      return;
    }
    List<SocketChannel> unconnected = new ArrayList<>();
    for (int i = Integer.getInteger("program.sockets", 0); i > 0; i--) {
      unconnected.add(SocketChannel.open());
    }
    run();
    for (SocketChannel each : unconnected) {
      each.close();
    }
  }

  private static void run() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      client.connect(server.getLocalAddress());
      try (SocketChannel accepted = server.accept()) {
        client.write(ByteBuffer.allocate(10));
        System.out.println("ready");
        while (System.in.read() >= 0) {
          if (accepted.isOpen() && client.isOpen()) {
            client.write(ByteBuffer.allocate(10));
          }
        }
      }
    }
  }
}
