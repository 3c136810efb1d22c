package io.nioring.internal.net;

import io.nioring.RingNetwork;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Uses plain datagram sockets of a network, in a JVM of its own; prints OK at its end. */
public final class DatagramSocketsProgram {
  private DatagramSocketsProgram() {}

  /** Runs all checks. */
  public static void main(String[] args) throws Exception {
    try (RingNetwork network = RingNetwork.open()) {
      NetworkResources resources = PlainDatagramSockets.resources(network);
      check(DatagramSockets.install(() -> resources, AddressFamily.INET), "installed");
      reusedPacketKeepsItsRoom();
      namesAndConnections();
      interruptDoesNotClose();
      closeEndsAReceive();
      multicast();
      meetsChannels(network);
      virtualThreadIsClosedByInterrupt();
      check(network.statistics().openChannels() == 0, "all closed: " + network.statistics());
      check(udpSocketsOfTheKernel() == 0, "no UDP socket in the kernel");
    }
    System.out.println("OK");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  private static DatagramPacket room(int bytes) {
    return new DatagramPacket(new byte[bytes], bytes);
  }

  private static DatagramPacket packet(int bytes, DatagramSocket to) throws IOException {
    return new DatagramPacket(new byte[bytes], bytes, loopback(), to.getLocalPort());
  }

  private static void reusedPacketKeepsItsRoom() throws IOException {
    try (DatagramSocket receiver = new DatagramSocket();
        DatagramSocket sender = new DatagramSocket()) {
      check(sender.getBroadcast(), "broadcast is on");
      DatagramPacket received = room(100);
      for (int size : new int[] {3, 90, 0, 100, 1, 60}) {
        sender.send(packet(size, receiver));
        receiver.receive(received);
        check(received.getLength() == size, size + " bytes, not " + received.getLength());
      }
      check(received.getPort() == sender.getLocalPort(), "the sender's port");
      receiver.setSoTimeout(10);
      try {
        receiver.receive(received);
        check(false, "no timeout");
      } catch (SocketTimeoutException e) {
        check(receiver.getSoTimeout() == 10, "timeout kept");
      }
    }
  }

  private static void namesAndConnections() throws IOException {
    DatagramSocket gone = new DatagramSocket(0, loopback());
    InetSocketAddress address = (InetSocketAddress) gone.getLocalSocketAddress();
    gone.close();
    check(gone.isClosed(), "closed");
    try (DatagramSocket socket = new DatagramSocket(address)) {
      check(socket.getLocalSocketAddress().equals(address), "the address is free again");
      socket.setReceiveBufferSize(20_000);
      check(socket.getReceiveBufferSize() == 20_000, "receive buffer");
      check(socket.getOption(StandardSocketOptions.SO_RCVBUF) == 20_000, "the option too");
    }
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(address);
      check(socket.getPort() == address.getPort() && socket.isConnected(), "connected");
      socket.send(room(1));
      try {
        socket.receive(room(1));
        check(false, "nobody is there");
      } catch (PortUnreachableException e) {
        socket.disconnect();
      }
      check(!socket.isConnected(), "disconnected");
    }
  }

  private static void interruptDoesNotClose() throws Exception {
    try (DatagramSocket receiver = new DatagramSocket();
        DatagramSocket sender = new DatagramSocket()) {
      CompletableFuture<Boolean> flag = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  receiver.receive(room(1));
                  flag.complete(Thread.currentThread().isInterrupted());
                } catch (IOException e) {
                  flag.completeExceptionally(e);
                }
              });
      thread.start();
      awaitState(thread, Thread.State.WAITING);
      thread.interrupt();
      while (thread.isInterrupted()) {
        Thread.onSpinWait(); // until it has taken the flag and waits again
      }
      awaitState(thread, Thread.State.WAITING);
      check(!receiver.isClosed(), "an interrupt closes nothing");
      sender.send(packet(1, receiver));
      check(flag.get(10, TimeUnit.SECONDS), "the flag is kept");
    }
  }

  private static void awaitState(Thread thread, Thread.State state) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (thread.getState() != state) {
      check(System.nanoTime() < deadline, thread + " is " + thread.getState());
      Thread.onSpinWait();
    }
  }

  private static void closeEndsAReceive() throws Exception {
    DatagramSocket receiver = new DatagramSocket();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                receiver.receive(room(1));
                failure.complete(null);
              } catch (IOException e) {
                failure.complete(e);
              }
            });
    thread.start();
    awaitState(thread, Thread.State.WAITING);
    receiver.close();
    check(failure.get(10, TimeUnit.SECONDS) instanceof SocketException, "Socket closed");
  }

  @SuppressWarnings("deprecation") // programs use the older methods too
  private static void multicast() throws IOException {
    NetworkInterface on = NetworkInterface.getByInetAddress(loopback());
    InetAddress group = InetAddress.getByName("239.1.2.80");
    try (MulticastSocket first = new MulticastSocket(0);
        MulticastSocket second = new MulticastSocket(first.getLocalPort());
        MulticastSocket sender = new MulticastSocket(0)) {
      InetSocketAddress address = new InetSocketAddress(group, first.getLocalPort());
      first.joinGroup(address, on);
      second.joinGroup(address, on);
      sender.setNetworkInterface(on);
      sender.setTimeToLive(3);
      check(sender.getTimeToLive() == 3, "time to live");
      check(sender.getNetworkInterface().equals(on), "interface");
      check(sender.getInterface().equals(on.inetAddresses().findFirst().get()), "first address");
      sender.setInterface(loopback());
      check(sender.getInterface().equals(loopback()), "the address that was set");
      check(refusesNull(sender), "SocketException");
      sender.send(new DatagramPacket(new byte[5], 5, address));
      for (MulticastSocket each : List.of(first, second)) {
        DatagramPacket received = room(10);
        each.setSoTimeout(10_000);
        each.receive(received);
        check(received.getLength() == 5, "a packet for each");
        each.leaveGroup(address, on);
      }
    }
  }

  @SuppressWarnings("deprecation") // as above
  private static boolean refusesNull(MulticastSocket socket) {
    try {
      socket.setInterface(null);
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  private static void meetsChannels(RingNetwork network) throws IOException {
    try (DatagramSocket socket = new DatagramSocket();
        DatagramChannel channel = network.provider().openDatagramChannel()) {
      channel.send(
          ByteBuffer.allocate(4), new InetSocketAddress(loopback(), socket.getLocalPort()));
      DatagramPacket received = room(10);
      socket.receive(received);
      socket.send(received);
      check(channel.receive(ByteBuffer.allocate(4)) != null, "an answer");
    }
  }

  /** From JDK 21 on; as the platform's plain sockets. */
  private static void virtualThreadIsClosedByInterrupt() throws Exception {
    if (Runtime.version().feature() < 21) {
      return;
    }
    DatagramSocket receiver = new DatagramSocket();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Runnable body =
        () -> {
          try {
            receiver.receive(room(1));
            failure.complete(null);
          } catch (IOException e) {
            failure.complete(e);
          }
        };
    Thread thread =
        (Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, body);
    awaitState(thread, Thread.State.WAITING);
    thread.interrupt();
    check(failure.get(10, TimeUnit.SECONDS) instanceof SocketException, "Closed by interrupt");
    try {
      receiver.receive(room(1));
      check(false, "closed by the interrupt");
    } catch (SocketException e) {
      receiver.close(); // the JDK's socket around ours does not know
    }
  }

  /** How many UDP sockets this process has, by the inodes of its descriptors. */
  private static long udpSocketsOfTheKernel() throws IOException {
    StringBuilder table = new StringBuilder();
    for (String file : List.of("/proc/self/net/udp", "/proc/self/net/udp6")) {
      if (Files.exists(Path.of(file))) {
        table.append(Files.readString(Path.of(file)));
      }
    }
    long count = 0;
    try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        String target;
        try {
          target = Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
          continue; // the stream's own, which is gone
        }
        if (target.startsWith("socket:[")) {
          String inode = target.substring(8, target.length() - 1);
          count += table.indexOf(" " + inode + " ") >= 0 ? 1 : 0;
        }
      }
    }
    return count;
  }
}
