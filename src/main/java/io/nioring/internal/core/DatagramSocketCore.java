package io.nioring.internal.core;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.blocking.Waitable;
import io.nioring.internal.datagram.Datagram;
import io.nioring.internal.datagram.DatagramBinding;
import io.nioring.internal.datagram.DatagramInbox;
import io.nioring.internal.datagram.DatagramNames;
import io.nioring.internal.datagram.DatagramTarget;
import io.nioring.internal.datagram.MulticastSending;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;

/**
 * A datagram socket whose packets stay in the JVM, without a facade: its local address, its inbox,
 * its remote address, and how it sends.
 *
 * <p>Sending takes no lock and never waits: a packet is in the receiver's inbox when the call
 * returns, or dropped. One thread at a time takes packets, admitted by the facade's lock. Addresses
 * and options change under the state lock, the monitor of the poll set; no thread is woken under
 * it.
 */
public final class DatagramSocketCore implements Waitable {
  /** The largest payload of a packet over IPv4: 65,535 bytes less the headers of IP and UDP. */
  private static final int MAX_BYTES_IPV4 = 65_507;

  /** The same over IPv6, whose length field does not count its own header. */
  private static final int MAX_BYTES_IPV6 = 65_527;

  private final NetworkResources network;
  private final DatagramNames names;
  private final InetSocketAddress anyAddress;
  private final boolean dualStack;
  private final DatagramInbox inbox;

  /** Sends from the present address with the present options; null while the socket is unbound. */
  private volatile DatagramSender sender;

  // Guarded by the state lock.

  /** The address as it was bound, which a disconnect restores. */
  private DatagramBinding bound;

  private MulticastSending multicast = new MulticastSending(null, true);
  private boolean reuseAddress;
  private boolean reusePort;

  /** How the receiving thread waits; made at its first wait. */
  private BlockingOperation receiving;

  /** Whether a receiving thread that waits here has to check the kernel too. */
  private volatile boolean lookElsewhere;

  /** Written under the state lock. */
  private volatile boolean closed;

  /** Whether the close has released the address; under the state lock. */
  private boolean released;

  /** Read at each packet to a broadcast address. */
  private volatile boolean broadcast;

  /**
   * Makes an unbound socket.
   *
   * @param network where it is bound
   * @param anyAddress the wildcard and port 0 of its family
   * @param dualStack whether an IPv6 wildcard also stands for IPv4 addresses
   * @param receiveBufferBytes the capacity of its inbox
   */
  public DatagramSocketCore(
      NetworkResources network,
      InetSocketAddress anyAddress,
      boolean dualStack,
      int receiveBufferBytes) {
    this.network = network;
    this.names = network.names().datagrams();
    this.anyAddress = anyAddress;
    this.dualStack = dualStack;
    this.inbox = new DatagramInbox(receiveBufferBytes);
  }

  /** The waiters for the socket. */
  @Override
  public PollSet poll() {
    return inbox.poll();
  }

  /** The socket's packets and memberships. */
  public DatagramInbox inbox() {
    return inbox;
  }

  private Object stateLock() {
    return inbox.poll();
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  /** The present readiness for packets; a send never waits. */
  @Override
  public int readiness(int wanted) {
    int elsewhere = lookElsewhere ? Readiness.IN : 0;
    return (wanted & Readiness.OUT) | inbox.readiness() | elsewhere;
  }

  /** Ends the receiver's wait, so that it checks what the facade has besides the inbox. */
  public void lookElsewhere() {
    lookElsewhere = true; // a full fence, before the wake
    inbox.poll().wake(Readiness.IN);
  }

  /** Notes that the receiver is about to check elsewhere. */
  public void looksElsewhere() {
    if (lookElsewhere) {
      lookElsewhere = false;
    }
  }

  /**
   * Waits until there may be a packet, the socket is closed, the thread is interrupted or the time
   * is over; for the receiving thread.
   *
   * @param nanos the longest to wait
   */
  public void await(Facade facade, long nanos) throws IOException {
    if (receiving == null) {
      receiving = BlockingOperation.forInput(this, network);
    }
    receiving.await(facade, nanos);
  }

  /** Whether a wait would be over: there may be a packet, or the socket is closed. */
  public boolean isAwaited() {
    return closed || (readiness(Readiness.IN) & Readiness.IN) != 0;
  }

  /** The present state as a row of the table of sockets; null once it is closed. */
  public SocketSnapshot snapshot() {
    if (closed) {
      return null;
    }
    SocketSnapshot row = new SocketSnapshot();
    row.datagram = true;
    DatagramSender present = sender;
    if (present != null) {
      row.local = present.from().address();
      row.remote = present.from().peer();
    }
    row.state = row.remote == null ? SocketSnapshot.State.UNCONN : SocketSnapshot.State.ESTAB;
    row.receiveQueue = inbox.queuedBytes();
    row.receiveCapacity = inbox.limitBytes();
    row.takeWaiting(inbox.poll(), receiving, null, inbox.readiness());
    return row;
  }

  // -- options

  /** Sets whether other sockets with this option may bind the same address from now on. */
  public void reuseAddress(boolean on) {
    synchronized (stateLock()) {
      reuseAddress = on;
      renewName();
    }
  }

  /**
   * The same, and packets to the address are distributed among the sockets that had it when they
   * were bound.
   */
  public void reusePort(boolean on) {
    synchronized (stateLock()) {
      reusePort = on;
      renewName();
    }
  }

  private void renewName() {
    if (closed || bound == null) {
      return;
    }
    DatagramBinding unconnected = bound.shared(reuseAddress, reusePort);
    DatagramBinding present =
        sender.from() == bound ? unconnected : sender.from().shared(reuseAddress, reusePort);
    DatagramSender renewed = new DatagramSender(names, present, multicast);
    names.exchange(sender.from(), present);
    sender = renewed;
    bound = unconnected;
  }

  /** Sets whether the socket may send to broadcast addresses. */
  public void broadcast(boolean on) {
    broadcast = on;
  }

  /** Sets the interface through which packets to groups are sent. */
  public void multicastInterface(NetworkInterface through) {
    synchronized (stateLock()) {
      multicast = new MulticastSending(through, multicast.loop());
      renewSender();
    }
  }

  /** Sets whether packets to groups reach members on this machine. */
  public void multicastLoop(boolean on) {
    synchronized (stateLock()) {
      multicast = new MulticastSending(multicast.through(), on);
      renewSender();
    }
  }

  private void renewSender() {
    if (sender != null) {
      sender = new DatagramSender(names, sender.from(), multicast);
    }
  }

  // -- names

  /** The present local address; null if the socket is unbound. */
  public InetSocketAddress localAddress() {
    DatagramSender present = sender;
    return present == null ? null : present.from().address();
  }

  /** The remote address; null if the socket is not connected. */
  public InetSocketAddress remoteAddress() {
    DatagramSender present = sender;
    return present == null ? null : present.from().peer();
  }

  /**
   * Binds the socket.
   *
   * @param wanted the address; null for any
   * @return false if the socket is bound already
   * @throws BindException "Address already in use"
   */
  public boolean bind(InetSocketAddress wanted) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      if (bound != null) {
        return false;
      }
      DatagramBinding described =
          DatagramBinding.of(
              inbox, wanted == null ? anyAddress : wanted, dualStack, reuseAddress, reusePort);
      take(names.bind(described));
      return true;
    }
  }

  private void take(DatagramBinding name) {
    boolean taken = false;
    try {
      sender = new DatagramSender(names, name, multicast);
      bound = name;
      taken = true;
    } finally {
      if (!taken) { // out of memory
        names.release(name);
      }
    }
  }

  /** Binds the socket to any address if it is unbound. */
  public void ensureBound() throws IOException {
    if (sender == null) {
      bind(null);
    }
  }

  private void ensureOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  /**
   * Restricts the socket to send to one address and to receive packets from it. Queued packets are
   * dropped, and so is an error of the address that it was connected to before: the caller is the
   * one thread that may take packets.
   *
   * @param remote the address, no wildcard
   * @throws BindException "Permission denied" for a broadcast address without the option
   */
  public void connect(InetSocketAddress remote) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      ensureBound();
      names.target(bound, remote, multicast).ensureSendable(broadcast);
      InetSocketAddress source = names.source(bound, remote.getAddress(), multicast);
      rename(bound.connectedTo(remote, source));
    }
    inbox.forgetUnreachable();
    while (inbox.take() != null) {
      // came before, from anybody
    }
  }

  /** Disconnects the socket; does nothing if it is not connected. */
  public void disconnect() {
    synchronized (stateLock()) {
      if (!closed && remoteAddress() != null) {
        rename(bound);
      }
    }
  }

  private void rename(DatagramBinding to) {
    DatagramSender renewed = new DatagramSender(names, to, multicast);
    if (to.address().equals(sender.from().address())) {
      names.exchange(sender.from(), to);
    } else {
      names.replace(sender.from(), to); // becomes the latest with its new address
    }
    sender = renewed;
  }

  /**
   * Releases the address, once, and wakes all waiters; may be repeated if an error has ended it
   * before.
   */
  public void close() {
    try {
      synchronized (stateLock()) {
        closed = true;
        if (!released && sender != null) {
          names.release(sender.from());
        }
        released = true;
      }
    } finally {
      inbox.poll().wake(Readiness.ALL);
    }
  }

  // -- packets

  /**
   * Where packets to an address go. The socket is bound.
   *
   * @param to the address, where a wildcard means loopback; null for the remote address of a
   *     connected socket
   */
  public DatagramTarget target(InetSocketAddress to) {
    return sender.target(to == null ? sender.from().peer() : to);
  }

  /**
   * Refuses to send what cannot be sent.
   *
   * @throws java.net.PortUnreachableException if an earlier packet of a connected socket found no
   *     receiver; reported once
   * @throws IOException "Message too long", or "Permission denied" for a broadcast address without
   *     the option; a {@link SocketException} or {@link BindException} if it is not connected
   */
  public void ensureSendable(DatagramTarget target, int bytes) throws IOException {
    boolean isConnected = remoteAddress() != null;
    inbox.throwIfUnreachable(isConnected);
    try {
      if (bytes > MAX_BYTES_IPV4 && bytes > mostBytes(target)) {
        throw new SocketException("Message too long");
      }
      target.ensureSendable(broadcast);
    } catch (SocketException e) {
      throw isConnected ? asWritten(e) : e;
    }
  }

  /** The platform writes what a connected socket sends, and a write names no kind of failure. */
  private static IOException asWritten(SocketException refused) {
    return new IOException(refused.getMessage());
  }

  private static int mostBytes(DatagramTarget target) {
    return target.address().getAddress() instanceof Inet6Address ? MAX_BYTES_IPV6 : MAX_BYTES_IPV4;
  }

  /**
   * Sends a packet; the observers of the network are told.
   *
   * @param bytes the payload, which the caller no longer owns
   */
  public void send(DatagramTarget target, byte[] bytes) {
    if (network.wire().observer() != null) {
      network.wire().tellDatagram(target.source(), target.address(), bytes);
    }
    target.send(bytes);
  }

  /**
   * Takes the first packet that is for this socket; one thread at a time.
   *
   * @return null if there is none
   * @throws java.net.PortUnreachableException if a sent packet found no receiver; reported once
   */
  public Datagram receive() throws IOException {
    inbox.throwIfUnreachable(remoteAddress() != null);
    Datagram packet = inbox.take();
    InetSocketAddress peer = packet == null ? null : remoteAddress();
    while (packet != null && peer != null && !peer.equals(packet.source())) {
      packet = inbox.take(); // from a sender that looked us up before we were connected
    }
    return packet;
  }
}
