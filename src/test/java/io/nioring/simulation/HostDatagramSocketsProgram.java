package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Makes plain datagram sockets on threads of hosts, by their public constructors alone, in a JVM of
 * its own; prints OK at its end.
 */
public final class HostDatagramSocketsProgram {
  private static final int PORT = 53;
  private static final int SHORT_MILLIS = 50;

  private final Simulation sim = Simulation.open();
  private final RingHost client = sim.host("client");
  private final RingHost dns = sim.host("dns");

  private HostDatagramSocketsProgram() {}

  /** Runs all checks. */
  public static void main(String[] args) throws Exception {
    HostDatagramSocketsProgram program = new HostDatagramSocketsProgram();
    program.sim.network().installSockets();
    program.addressesAreTheHosts();
    program.portsAreTheHosts();
    program.whoHasNoHostIsLocalhost();
    program.linksDelayAndLose();
    program.cutsAndRefusals();
    program.groupsReachHosts();
    program.endsOfHosts();
    program.sim.checkNoLeaks(ofSeconds(1));
    program.sim.close();
    System.out.println("OK");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private DatagramSocket asking() throws Exception {
    return client.call(() -> limited(new DatagramSocket()));
  }

  private DatagramSocket answering() throws Exception {
    return dns.call(() -> limited(new DatagramSocket(PORT)));
  }

  private static <T extends DatagramSocket> T limited(T socket) throws SocketException {
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(DatagramSocket from, String text, InetAddress to, int port)
      throws IOException {
    byte[] bytes = text.getBytes(US_ASCII);
    from.send(new DatagramPacket(bytes, bytes.length, to, port));
  }

  private void ask(DatagramSocket from, String text) throws IOException {
    send(from, text, dns.address(), PORT);
  }

  private static DatagramPacket receive(DatagramSocket at) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    at.receive(packet);
    return packet;
  }

  private static String text(DatagramPacket packet) {
    return new String(packet.getData(), 0, packet.getLength(), US_ASCII);
  }

  private static void receives(DatagramSocket at, String text) throws IOException {
    String received = text(receive(at));
    check(received.equals(text), "received " + received + " instead of " + text);
  }

  private static void receivesNothing(DatagramSocket at) throws IOException {
    at.setSoTimeout(SHORT_MILLIS);
    try {
      check(false, "received " + text(receive(at)));
    } catch (SocketTimeoutException e) {
      limited(at);
    }
  }

  private void addressesAreTheHosts() throws Exception {
    try (DatagramSocket asking = asking();
        DatagramSocket answering = answering();
        DatagramSocket exact =
            client.call(() -> new DatagramSocket(new InetSocketAddress(client.address(), 99)));
        DatagramSocket late = client.call(() -> new DatagramSocket(null));
        DatagramSocket foreign = client.call(() -> new DatagramSocket(null))) {
      ask(asking, "question");
      DatagramPacket question = receive(answering);
      check(question.getAddress().equals(client.address()), "from " + question.getAddress());
      check(question.getPort() == asking.getLocalPort(), "from port " + question.getPort());
      send(answering, "answer", question.getAddress(), question.getPort());
      DatagramPacket answer = receive(asking);
      check(answer.getSocketAddress().equals(new InetSocketAddress(dns.address(), PORT)), "answer");
      check(exact.getLocalAddress().equals(client.address()), "bound to its address");
      try {
        foreign.bind(new InetSocketAddress(dns.address(), 98));
        check(false, "bound to another host's address");
      } catch (SocketException e) {
        check("Cannot assign requested address".equals(e.getMessage()), e.getMessage());
      }
      late.bind(new InetSocketAddress(client.address(), 98));
      asking.connect(dns.address(), PORT);
      check(asking.getLocalAddress().equals(client.address()), "connected from its address");
    }
  }

  private void portsAreTheHosts() throws Exception {
    try (DatagramSocket here = client.call(() -> limited(new DatagramSocket(PORT)));
        DatagramSocket there = answering()) {
      ask(here, "x");
      receives(there, "x");
      receivesNothing(here);
      try {
        answering().close();
        check(false, "the port is free");
      } catch (SocketException e) {
        check(e.getMessage().startsWith("Address already in use"), e.getMessage());
      }
    }
  }

  private void whoHasNoHostIsLocalhost() throws Exception {
    try (DatagramSocket socket = new DatagramSocket(PORT);
        DatagramSocket answering = answering()) {
      ask(socket, "x");
      check(receive(answering).getPort() == PORT, "a port of a host of its own");
      check(sim.localhost().openChannels().size() == 1, "it is localhost's");
    }
  }

  private void linksDelayAndLose() throws Exception {
    try (DatagramSocket asking = asking();
        DatagramSocket answering = answering()) {
      Link link = sim.link(client, dns).latency(ofMillis(100));
      long begin = System.nanoTime();
      ask(asking, "late");
      receives(answering, "late");
      check(System.nanoTime() - begin >= 100_000_000, "it took as long as the latency");
      link.restore();
      try (Fault hole = sim.faults().datagrams().to(dns, PORT).blackHole().install()) {
        ask(asking, "lost");
        receivesNothing(answering);
        check(hole.isActive(), "lost");
      }
      link.duplication(1);
      ask(asking, "twice");
      receives(answering, "twice");
      receives(answering, "twice");
      link.restore();
    }
  }

  private void cutsAndRefusals() throws Exception {
    try (DatagramSocket asking = asking();
        DatagramSocket answering = answering()) {
      try (Fault cut = sim.partition(client, dns)) {
        ask(asking, "cut off");
        receivesNothing(answering);
        check(cut.isActive(), "cut");
      }
      ask(asking, "healed");
      receives(answering, "healed");
      asking.connect(dns.address(), PORT);
      try (Fault refused = sim.faults().datagrams().to(dns, PORT).refuse().install()) {
        ask(asking, "refused");
        receive(asking);
        check(false, "told nothing of " + refused);
      } catch (PortUnreachableException e) {
        receivesNothing(answering);
      }
    }
  }

  private void groupsReachHosts() throws Exception {
    NetworkInterface on = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    InetAddress group = InetAddress.getByAddress(new byte[] {(byte) 239, 1, 2, 3});
    InetSocketAddress at = new InetSocketAddress(group, 5_000);
    try (MulticastSocket here = client.call(() -> limited(new MulticastSocket(5_000)));
        MulticastSocket there = dns.call(() -> limited(new MulticastSocket(5_000)))) {
      here.joinGroup(at, on);
      there.joinGroup(at, on);
      send(here, "to all", group, 5_000);
      receives(here, "to all");
      DatagramPacket received = receive(there);
      check(received.getAddress().equals(client.address()), "from " + received.getAddress());
      try (Fault cut = sim.partition(client, dns)) {
        send(here, "to some", group, 5_000);
        receives(here, "to some");
        receivesNothing(there);
        check(cut.isActive(), "cut");
      }
      there.leaveGroup(at, on);
      send(here, "left", group, 5_000);
      receives(here, "left");
      receivesNothing(there);
    }
  }

  private void endsOfHosts() throws Exception {
    DatagramSocket waiting = answering();
    Future<DatagramPacket> packet = sim.host("watcher").executor().submit(() -> receive(waiting));
    DatagramSocket group = dns.call(() -> new MulticastSocket(PORT + 1));
    dns.crash();
    try {
      packet.get(10, TimeUnit.SECONDS);
      check(false, "received though the host has crashed");
    } catch (ExecutionException e) {
      check(e.getCause() instanceof SocketException, e.getCause() + " ends the receive");
    } catch (TimeoutException e) {
      check(false, "the crash does not end the receive");
    }
    try (DatagramSocket asking = asking()) {
      ask(asking, "to nobody");
      dns.restart();
      try (DatagramSocket again = answering()) {
        receivesNothing(again);
        ask(asking, "again");
        receives(again, "again");
        asking.connect(dns.address(), PORT);
        dns.kill();
        try {
          ask(asking, "after the kill");
          receive(asking);
          check(false, "somebody is there after a kill");
        } catch (PortUnreachableException e) {
          check(!asking.isClosed(), "the other host's is open");
        }
      }
    }
    try {
      send(group, "x", client.address(), PORT);
      check(false, "sent by a host that has crashed");
    } catch (SocketException e) {
      group.close(); // the JDK's socket around ours does not know
    }
    waiting.close();
  }
}
