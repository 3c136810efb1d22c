package io.nioring.internal.channel;

import io.nioring.internal.address.IpAddresses;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.DatagramSocketCore;
import io.nioring.internal.core.OptionValues;
import io.nioring.internal.datagram.Datagram;
import io.nioring.internal.datagram.DatagramTarget;
import io.nioring.internal.datagram.MulticastMembership;
import io.nioring.internal.datagram.PacketRooms;
import io.nioring.internal.hybrid.DatagramResources;
import io.nioring.internal.hybrid.KernelDatagrams;
import io.nioring.internal.hybrid.KeysAwaitingKernel;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.VirtualThreads;
import io.nioring.internal.ring.BufferChecks;
import io.nioring.internal.select.RingSelectable;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.time.Deadline;
import io.nioring.internal.time.TurnLock;
import io.nioring.route.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.MembershipKey;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A datagram channel whose packets stay in the JVM.
 *
 * <p>A facade: names, queue and memberships are the {@link DatagramSocketCore}'s. Thread-safe, as
 * {@link DatagramChannel} specifies; sends never wait for one another.
 *
 * <p>Where routes assign addresses to the kernel, the channel opens a {@link KernelDatagrams} when
 * it is first needed. A channel bound to such an address uses the kernel only. Otherwise packets to
 * such addresses are sent through the kernel, and packets from the kernel are received like those
 * from the ring.
 */
public final class RingDatagramChannel extends DatagramChannel implements RingSelectable, Facade {
  private final NetworkResources network;
  private final AddressFamily family;
  private final DatagramSocketCore core;
  private final DatagramResources resources;

  /** Whether an interrupt closes the channel; false for a plain socket's. */
  private final boolean interruptible;

  /** Admits one receiving thread at a time, and keeps it from a connect. */
  private final TurnLock receiveLock = new TurnLock();

  /** Whether an interrupt was consumed in the present wait; under the receive lock. */
  private boolean interruptTaken;

  /** Whether an interrupt closed a plain socket. */
  private volatile boolean closedByInterrupt;

  // Guarded by the state lock, which is the monitor of the poll set.

  private final List<RingMembershipKey> memberships = new ArrayList<>();
  private DatagramSocket adaptor;

  private volatile OptionValues options = OptionValues.ofDatagram();

  /** The keys that wait for a kernel socket; null where there can be none. */
  private final KeysAwaitingKernel keys;

  /** Whether all goes through the kernel. */
  private volatile boolean inKernelAlone;

  /** The wildcard that stands for the peer's address; null if connect was given that itself. */
  private volatile InetSocketAddress connectedWildcard;

  private RingDatagramChannel(
      NetworkResources network, AddressFamily family, boolean interruptible) {
    super(network.provider());
    this.network = network;
    this.family = family;
    this.interruptible = interruptible;
    this.core =
        new DatagramSocketCore(
            network, family.anyAddress(), family == AddressFamily.INET, receiveBound());
    this.keys = network.mayReachKernel() ? new KeysAwaitingKernel() : null;
    this.resources = new DatagramResources(this, network, core);
    network.registry().add(resources);
  }

  /** Opens a channel without a name. */
  public static DatagramChannel open(NetworkResources network, AddressFamily family) {
    if (family.isUnix()) {
      throw new UnsupportedOperationException("Protocol family not supported: UNIX");
    }
    return new RingDatagramChannel(network, family, true);
  }

  /**
   * Opens the channel behind a plain {@link DatagramSocket}: an interrupt closes it only on a
   * virtual thread.
   */
  public static RingDatagramChannel openUninterruptible(
      NetworkResources network, AddressFamily family) {
    return new RingDatagramChannel(network, family, false);
  }

  private Object stateLock() {
    return core.poll();
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  /** The buffers of packets that the adaptor receives into. */
  public PacketRooms packets() {
    return network.names().datagrams().packets();
  }

  // -- how operations begin and wait

  /** Refuses an operation on a closed channel, and one of a thread that is already interrupted. */
  private void beginOperation() throws IOException {
    ensureOpen();
    if (interruptible && isBlocking() && Thread.currentThread().isInterrupted()) {
      begin();
      end(false); // throws ClosedByInterruptException
    }
  }

  private Datagram awaitPacket(Deadline deadline) throws IOException {
    Datagram packet = null;
    beginWait();
    try {
      while (packet == null && isOpen()) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Receive timed out");
        }
        await(left);
        packet = isOpen() ? nextPacket() : null;
      }
    } finally {
      endWait(packet != null);
    }
    return packet;
  }

  private void await(long nanos) throws IOException {
    KernelDatagrams inKernel = resources.kernel();
    if (inKernel == null) {
      core.await(this, nanos);
      return;
    }
    inKernel.await(core::isAwaited, nanos);
    if (Thread.currentThread().isInterrupted()) {
      interruptedInWait();
    }
    if (interruptible) {
      begin(); // the selector in there has taken our place as what an interrupt ends
    }
  }

  @Override
  public void beginWait() {
    if (interruptible) {
      begin();
    }
  }

  @Override
  public void endWait(boolean completed) throws IOException {
    if (interruptible) {
      end(completed);
      return;
    }
    if (interruptTaken) {
      interruptTaken = false;
      Thread.currentThread().interrupt();
    }
    if (!completed && closedByInterrupt) {
      throw new SocketException("Closed by interrupt");
    }
    if (!completed && !isOpen()) {
      throw new AsynchronousCloseException();
    }
  }

  /**
   * A plain socket goes on waiting and restores the interrupt status at the end; on a virtual
   * thread the interrupt closes it.
   */
  @Override
  public void interruptedInWait() {
    if (interruptible) {
      return;
    }
    if (!VirtualThreads.isCurrent()) {
      interruptTaken = Thread.interrupted();
      return;
    }
    closedByInterrupt = true;
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the kernel's socket", e);
    }
  }

  // -- names

  @Override
  public DatagramChannel bind(SocketAddress local) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      if (isBound()) {
        throw new AlreadyBoundException();
      }
      InetSocketAddress wanted = local == null ? null : (InetSocketAddress) family.check(local);
      bind(wanted, modeFor(wanted == null ? family.anyAddress() : wanted));
    }
    attachKeys();
    return this;
  }

  /** Binds it on the ring or in the kernel alone. State lock held. */
  private void bind(InetSocketAddress wanted, Mode mode) throws IOException {
    if (mode == Mode.RING) {
      core.bind(wanted == null ? null : family.toBind(wanted));
    } else {
      openInKernel().channel().bind(wanted);
      inKernelAlone = true;
    }
  }

  /** The mode of an address: rings or the kernel, which {@code hybrid} means for datagrams. */
  private Mode modeFor(InetSocketAddress address) {
    return keys == null ? Mode.RING : network.datagramModeFor(address);
  }

  /** Whether the channel is bound, or was when it was closed. */
  public boolean isBound() {
    return inKernelAlone || core.localAddress() != null;
  }

  /** Binds the channel if it is unbound. */
  private void ensureBound() throws IOException {
    if (!isBound()) {
      bindIfUnbound(modeFor(family.anyAddress()));
    }
  }

  /**
   * Binds the channel if it is unbound: on the ring if the address that it is to reach is there,
   * since from a name in the kernel alone there is no way to it.
   */
  private void ensureBoundToReach(InetSocketAddress to) throws IOException {
    if (!isBound()) {
      Mode mode = modeFor(meant(to, false));
      bindIfUnbound(mode == Mode.RING ? mode : modeFor(family.anyAddress()));
    }
  }

  private void bindIfUnbound(Mode mode) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      if (!isBound()) { // nor by another thread meanwhile
        bind(null, mode);
      }
    }
    attachKeys();
  }

  /** The kernel's socket, opened now, unbound, if there is none. State lock held. */
  private KernelDatagrams openInKernel() throws IOException {
    KernelDatagrams present = resources.kernel();
    if (present != null) {
      return present;
    }
    KernelDatagrams opened = KernelDatagrams.open(network, family, options.explicit());
    try {
      core.poll().add(opened);
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
    resources.owns(opened);
    return opened;
  }

  /** The kernel's socket of a channel that is bound on the ring. */
  private KernelDatagrams kernel() throws IOException {
    KernelDatagrams present = resources.kernel();
    if (present != null) {
      attachKeys(); // an error may have left some of it
      return present;
    }
    synchronized (stateLock()) {
      ensureOpen();
      present = openInKernel();
      present.bindLike(core.localAddress());
    }
    core.lookElsewhere();
    attachKeys();
    return present;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return localAddress();
  }

  /** The local address; null if the channel is unbound. */
  public InetSocketAddress localAddress() throws IOException {
    KernelDatagrams inKernel = resources.kernel();
    boolean there = inKernelAlone || (inKernel != null && inKernel.channel().isConnected());
    return there ? (InetSocketAddress) inKernel.channel().getLocalAddress() : core.localAddress();
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    ensureOpen();
    return remoteAddress();
  }

  /**
   * The remote address as connect was given it, also after a close; null if the channel is not
   * connected.
   */
  public InetSocketAddress remoteAddress() throws IOException {
    InetSocketAddress peer = peer();
    InetSocketAddress wildcard = connectedWildcard;
    return peer == null || wildcard == null ? peer : wildcard;
  }

  private InetSocketAddress peer() throws IOException {
    KernelDatagrams inKernel = resources.kernel();
    InetSocketAddress there = inKernel == null ? null : inKernel.peer();
    return there == null ? core.remoteAddress() : there;
  }

  @Override
  public boolean isConnected() {
    return isOpen() && hasPeer();
  }

  private boolean hasPeer() {
    KernelDatagrams inKernel = resources.kernel();
    return core.remoteAddress() != null || (inKernel != null && inKernel.channel().isConnected());
  }

  @Override
  public DatagramChannel connect(SocketAddress remote) throws IOException {
    return connect(remote, true);
  }

  /**
   * Connects.
   *
   * @param once whether a connected channel refuses; otherwise it is connected again
   */
  public DatagramChannel connect(SocketAddress remote, boolean once) throws IOException {
    InetSocketAddress to = (InetSocketAddress) family.check(remote);
    lockReceive();
    try {
      ensureOpen();
      if (once && isConnected()) {
        throw new AlreadyConnectedException();
      }
      if (to.getPort() == 0) {
        throw new SocketException("Can't connect to port 0");
      }
      implDisconnect();
      InetSocketAddress peer = meant(to, true);
      implConnect(peer);
      connectedWildcard = peer.equals(to) ? null : to;
    } finally {
      receiveLock.unlock();
    }
    return this;
  }

  /**
   * The address to send or connect to for one that was given: the kernel has a use for wildcards.
   */
  private InetSocketAddress meant(InetSocketAddress given, boolean connecting) {
    return given.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(byWildcard(given.getAddress(), connecting), given.getPort())
        : given;
  }

  /**
   * IPv4's wildcard means the address that the socket is bound to, else loopback; IPv6's always
   * means loopback, of the family that the socket is bound in. The platform connects a dual-stack
   * socket to IPv6's for both.
   */
  private InetAddress byWildcard(InetAddress given, boolean connecting) {
    InetSocketAddress name = core.localAddress();
    InetAddress own = (name == null ? family.anyAddress() : name).getAddress();
    if (given instanceof Inet6Address || (connecting && family == AddressFamily.INET)) {
      return IpAddresses.loopback(own);
    }
    boolean one =
        own instanceof Inet4Address && !own.isAnyLocalAddress() && !own.isMulticastAddress();
    return one ? own : IpAddresses.loopback(given);
  }

  private void lockReceive() {
    network.clock().lock(receiveLock);
  }

  private void implConnect(InetSocketAddress to) throws IOException {
    if (!inKernelAlone && modeFor(to) == Mode.RING) {
      ensureBoundToReach(to);
    }
    if (!inKernelAlone && modeFor(to) == Mode.RING) {
      core.connect(to);
      return;
    }
    synchronized (stateLock()) {
      ensureOpen();
      if (!isBound()) {
        openInKernel(); // the connect gives it a name
        inKernelAlone = true;
      }
    }
    kernel().channel().connect(to);
    attachKeys();
  }

  @Override
  public DatagramChannel disconnect() throws IOException {
    lockReceive();
    try {
      implDisconnect();
    } finally {
      receiveLock.unlock();
    }
    return this;
  }

  private void implDisconnect() throws IOException {
    core.disconnect();
    KernelDatagrams inKernel = resources.kernel();
    if (inKernel != null) {
      inKernel.channel().disconnect();
    }
  }

  // -- receiving

  @Override
  public SocketAddress receive(ByteBuffer dst) throws IOException {
    BufferChecks.ensureWritable(dst);
    lockReceive();
    try {
      beginOperation();
      BufferChecks.ensureAccessible(dst);
      Datagram packet = receiveLocked(Deadline.NONE);
      return packet == null ? null : take(packet, dst);
    } finally {
      receiveLock.unlock();
    }
  }

  private static InetSocketAddress take(Datagram packet, ByteBuffer dst) {
    byte[] bytes = packet.bytes();
    dst.put(bytes, 0, Math.min(bytes.length, dst.remaining()));
    InetSocketAddress source = packet.source();
    packet.clear();
    return source;
  }

  /** The next packet; null if there is none and the channel is non-blocking. */
  private Datagram receiveLocked(Deadline deadline) throws IOException {
    ensureBound();
    Datagram packet = nextPacket();
    return packet == null && isBlocking() ? awaitPacket(deadline) : packet;
  }

  private Datagram nextPacket() throws IOException {
    Datagram packet = core.receive();
    return keys == null ? packet : orFromKernel(packet);
  }

  /** The next packet from the kernel if the ring has none that the channel may receive. */
  private Datagram orFromKernel(Datagram overRing) throws IOException {
    core.looksElsewhere();
    KernelDatagrams inKernel = resources.kernel();
    if (inKernel == null || core.remoteAddress() != null) {
      return overRing;
    }
    Datagram packet = overRing;
    if (inKernel.channel().isConnected()) {
      while (packet != null) {
        packet = core.receive(); // from others than the peer
      }
    }
    return packet == null ? inKernel.receive() : packet;
  }

  /**
   * Receives for the adaptor; the channel's blocking mode must permit it.
   *
   * @throws SocketTimeoutException if the deadline passed
   */
  public Datagram receiveUntil(Deadline deadline) throws IOException {
    lockReceive();
    try {
      beginOperation();
      if (!isBlocking()) {
        throw new IllegalBlockingModeException();
      }
      return receiveLocked(deadline);
    } finally {
      receiveLock.unlock();
    }
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    lockReceive();
    try {
      beginOperation();
      ensureConnected();
      BufferChecks.ensureWritable(dst);
      BufferChecks.ensureAccessible(dst);
      int before = dst.position();
      Datagram packet = // as read(2), which does nothing without room
          dst.hasRemaining() ? receiveLocked(Deadline.NONE) : null;
      if (packet != null) {
        take(packet, dst);
      }
      return dst.position() - before;
    } finally {
      receiveLock.unlock();
    }
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    lockReceive();
    try {
      beginOperation();
      ensureConnected();
      boolean room = false;
      for (int i = offset; i < offset + length; i++) {
        BufferChecks.ensureWritable(dsts[i]);
        BufferChecks.ensureAccessible(dsts[i]);
        room |= dsts[i].hasRemaining();
      }
      Datagram packet = room ? receiveLocked(Deadline.NONE) : null; // as read(2) without room
      return packet == null ? 0 : scatter(packet, dsts, offset, length);
    } finally {
      receiveLock.unlock();
    }
  }

  private static int scatter(Datagram packet, ByteBuffer[] dsts, int offset, int length) {
    byte[] bytes = packet.bytes();
    int taken = 0;
    for (int i = offset; i < offset + length; i++) {
      int count = Math.min(bytes.length - taken, dsts[i].remaining());
      dsts[i].put(bytes, taken, count);
      taken += count;
    }
    packet.clear();
    return taken;
  }

  private void ensureConnected() {
    if (!isConnected()) {
      throw new NotYetConnectedException();
    }
  }

  // -- sending

  @Override
  public int send(ByteBuffer src, SocketAddress target) throws IOException {
    Objects.requireNonNull(src);
    InetSocketAddress to = (InetSocketAddress) family.check(target);
    beginOperation();
    if (isConnected()) {
      return implSend(src, peerGivenAs(to));
    }
    ensureBoundToReach(to);
    if (to.getPort() == 0) {
      throw new SocketException("Can't send to port 0");
    }
    return implSend(src, meant(to, false));
  }

  private InetSocketAddress peerGivenAs(InetSocketAddress to) throws IOException {
    if (!to.equals(remoteAddress())) {
      throw new AlreadyConnectedException();
    }
    return ensuredPeer();
  }

  /**
   * A connected channel sends no empty packet, like the platform's, whose write of no bytes does
   * nothing.
   */
  private int implSend(ByteBuffer src, InetSocketAddress to) throws IOException {
    if (!src.hasRemaining() && isConnected()) {
      return 0;
    }
    if (isByKernel(to)) {
      return sendByKernel(src, to);
    }
    DatagramTarget target = core.target(to);
    int count = src.remaining();
    core.ensureSendable(target, count);
    byte[] bytes = new byte[count];
    src.get(src.position(), bytes);
    core.send(target, bytes);
    src.position(src.limit());
    return count;
  }

  private boolean isByKernel(InetSocketAddress to) {
    return inKernelAlone
        || (keys != null && core.remoteAddress() == null && modeFor(to) != Mode.RING);
  }

  /** A packet that the kernel has no room for is dropped, as a network may drop it. */
  private int sendByKernel(ByteBuffer src, InetSocketAddress to) throws IOException {
    int count = src.remaining();
    kernel().channel().send(src, to);
    src.position(src.limit());
    return count;
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    beginOperation();
    return implSend(src, ensuredPeer());
  }

  private InetSocketAddress ensuredPeer() throws IOException {
    InetSocketAddress peer = peer();
    if (peer == null) {
      throw new NotYetConnectedException();
    }
    return peer;
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    beginOperation();
    InetSocketAddress peer = ensuredPeer();
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      total += srcs[i].remaining();
    }
    if (total > Character.MAX_VALUE) {
      throw new IOException("Message too long");
    }
    ByteBuffer packet = ByteBuffer.allocate((int) total);
    for (int i = offset; i < offset + length; i++) {
      packet.put(srcs[i].duplicate());
    }
    implSend(packet.flip(), peer);
    for (int i = offset; i < offset + length; i++) {
      srcs[i].position(srcs[i].limit());
    }
    return total;
  }

  // -- groups

  @Override
  public MembershipKey join(InetAddress group, NetworkInterface interf) throws IOException {
    return implJoin(group, interf, null);
  }

  @Override
  public MembershipKey join(InetAddress group, NetworkInterface interf, InetAddress source)
      throws IOException {
    return implJoin(group, interf, Objects.requireNonNull(source, "source address is null"));
  }

  private MembershipKey implJoin(InetAddress group, NetworkInterface interf, InetAddress source)
      throws IOException {
    if (!group.isMulticastAddress()) {
      throw new IllegalArgumentException("Group not a multicast address");
    }
    if (group instanceof Inet6Address && family == AddressFamily.INET4) {
      throw new IllegalArgumentException("Only IPv6 sockets can join IPv6 multicast group");
    }
    if (source != null) {
      RingMembershipKey.ensureIsSource(source, group);
    }
    synchronized (stateLock()) {
      ensureOpen();
      Objects.requireNonNull(interf);
      RingMembershipKey present = memberOf(group, interf, source);
      return present != null ? present : addMembership(group, interf, source);
    }
  }

  /** The key for the same membership; refuses one of the other kind. */
  private RingMembershipKey memberOf(
      InetAddress group, NetworkInterface interf, InetAddress source) {
    for (RingMembershipKey key : memberships) {
      if (key.isFor(group, interf)) {
        InetAddress only = key.sourceAddress();
        if (source == null && only != null) {
          throw new IllegalStateException("Already a member to receive all packets");
        }
        if (source != null && only == null) {
          throw new IllegalStateException("Already have source-specific membership");
        }
        if (Objects.equals(source, only)) {
          return key;
        }
      }
    }
    return null;
  }

  private RingMembershipKey addMembership(
      InetAddress group, NetworkInterface interf, InetAddress source) throws IOException {
    MulticastMembership membership = new MulticastMembership(group, interf, source);
    RingMembershipKey key = new RingMembershipKey(this, membership);
    memberships.add(key);
    boolean joined = false;
    try {
      join(key);
      joined = true;
    } finally {
      if (!joined) {
        memberships.remove(key);
      }
    }
    return key;
  }

  private void join(RingMembershipKey key) throws IOException {
    InetAddress group = key.group();
    NetworkInterface interf = key.networkInterface();
    InetAddress source = key.sourceAddress();
    InetSocketAddress local = localAddress();
    int port = local == null ? 0 : local.getPort();
    if (inKernelAlone || modeFor(new InetSocketAddress(group, port)) != Mode.RING) {
      ensureBound();
      DatagramChannel inKernel = kernel().channel();
      key.joinedInKernel(
          source == null ? inKernel.join(group, interf) : inKernel.join(group, interf, source));
    } else {
      core.inbox().join(key.membership());
    }
  }

  /** Forgets a membership; nothing happens if it was forgotten. */
  void dropped(RingMembershipKey key) {
    synchronized (stateLock()) {
      memberships.remove(key);
    }
    core.inbox().leave(key.membership());
  }

  /** The key of a membership for all sources; null if there is none. */
  public MembershipKey keyOf(InetAddress group, NetworkInterface interf) {
    synchronized (stateLock()) {
      return memberships.stream().filter(key -> key.isFor(group, interf)).findFirst().orElse(null);
    }
  }

  // -- options and the adaptor

  @Override
  public DatagramSocket socket() {
    synchronized (stateLock()) {
      if (adaptor == null) {
        adaptor = network.adaptors().of(this);
      }
      return adaptor;
    }
  }

  @Override
  public <T> DatagramChannel setOption(SocketOption<T> name, T value) throws IOException {
    options.ensureSupported(name);
    OptionValues.ensureTypeOf(name, value);
    synchronized (stateLock()) {
      ensureOpen();
      options = options.with(name, value);
      KernelDatagrams inKernel = resources.kernel();
      if (inKernel != null) {
        inKernel.channel().setOption(name, value);
      }
      applyOptions(name);
    }
    return this;
  }

  private void applyOptions(SocketOption<?> changed) {
    if (changed == StandardSocketOptions.SO_RCVBUF) {
      core.inbox().limitBytes(receiveBound());
    } else if (changed == StandardSocketOptions.SO_BROADCAST) {
      core.broadcast(options.getBoolean(StandardSocketOptions.SO_BROADCAST));
    } else if (changed == StandardSocketOptions.SO_REUSEADDR) {
      core.reuseAddress(options.getBoolean(StandardSocketOptions.SO_REUSEADDR));
    } else if (changed == StandardSocketOptions.SO_REUSEPORT) {
      core.reusePort(options.getBoolean(StandardSocketOptions.SO_REUSEPORT));
    } else if (changed == StandardSocketOptions.IP_MULTICAST_IF) {
      core.multicastInterface(
          (NetworkInterface) options.get(StandardSocketOptions.IP_MULTICAST_IF));
    } else if (changed == StandardSocketOptions.IP_MULTICAST_LOOP) {
      core.multicastLoop(options.getBoolean(StandardSocketOptions.IP_MULTICAST_LOOP));
    }
  }

  /**
   * As in the kernel, which doubles the requested value to allow for its bookkeeping (socket(7)).
   */
  private int receiveBound() {
    long asked = options.receiveBytes();
    return (int) Math.min(Integer.MAX_VALUE / 2, 2 * asked);
  }

  @Override
  @SuppressWarnings("unchecked") // the value was checked against the option's type when it was set
  public <T> T getOption(SocketOption<T> name) throws IOException {
    options.ensureSupported(name);
    synchronized (stateLock()) {
      ensureOpen();
      return inKernelAlone ? resources.kernel().channel().getOption(name) : (T) options.get(name);
    }
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return options.supported();
  }

  // -- close

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    try {
      synchronized (stateLock()) {
        memberships.clear(); // and nothing is opened in the kernel from here on
        if (keys != null) {
          keys.take();
        }
      }
    } finally {
      resources.free();
    }
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // The mode is AbstractSelectableChannel's flag: a ring has nothing to switch, and the kernel's
    // channel never blocks.
  }

  // -- for the selector

  @Override
  public PollSet poll() {
    return core.poll();
  }

  @Override
  public int readiness(int wanted) {
    if (inKernelAlone || !isOpen()) {
      return 0;
    }
    return core.readiness(wanted);
  }

  @Override
  public int readyOps(int readiness) {
    return ((readiness & Readiness.IN) != 0 ? SelectionKey.OP_READ : 0)
        | ((readiness & Readiness.OUT) != 0 ? SelectionKey.OP_WRITE : 0);
  }

  @Override
  public void registered(RingSelectionKey key) {
    if (keys == null) {
      return;
    }
    KernelDatagrams inKernel;
    synchronized (stateLock()) {
      inKernel = resources.kernel();
      if (inKernel == null) {
        keys.add(key);
        return;
      }
    }
    try {
      key.attachKernel(inKernel.channel());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot register with the platform's selector", e);
    }
  }

  /** Registers the waiting keys with the kernel's socket, once there is one. */
  private void attachKeys() throws IOException {
    KernelDatagrams inKernel = resources.kernel();
    if (inKernel == null) {
      return;
    }
    for (RingSelectionKey key = awaiting(); key != null; key = awaiting()) {
      if (key.isValid()) {
        key.attachKernel(inKernel.channel());
      }
      synchronized (stateLock()) {
        keys.remove(key);
      }
    }
  }

  private RingSelectionKey awaiting() {
    synchronized (stateLock()) {
      return keys.any();
    }
  }

  @Override
  public String toString() {
    String name = getClass().getName();
    if (!isOpen()) {
      return name + "[closed]";
    }
    InetSocketAddress local = core.localAddress();
    return name + (local == null ? "[unbound]" : "[" + local + "]");
  }
}
