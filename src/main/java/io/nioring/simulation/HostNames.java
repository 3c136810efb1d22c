package io.nioring.simulation;

import io.nioring.internal.names.BindOptions;
import io.nioring.internal.names.Binding;
import io.nioring.internal.names.Listener;
import io.nioring.internal.names.Namespace;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * What is bound on one host. Loopback, unless each host has its own, and paths are one for all:
 * those of "localhost".
 */
final class HostNames extends Namespace {
  private static final Path NOWHERE = Path.of("/");

  private final World world;
  private final RingHost host;
  private final HostInterfaces interfaces;

  HostNames(World world, RingHost host) {
    this(world, host, NOWHERE);
  }

  HostNames(World world, RingHost host, Path temporaryDirectory) {
    this(world, host, temporaryDirectory, new HostInterfaces(world, host));
  }

  private HostNames(
      World world, RingHost host, Path temporaryDirectory, HostInterfaces interfaces) {
    super(temporaryDirectory, interfaces, new HostDatagrams(world, host, interfaces));
    this.world = world;
    this.host = host;
    this.interfaces = interfaces;
  }

  private HostNames shared() {
    return world.localhost().names();
  }

  private boolean isShared(SocketAddress address) {
    return address instanceof InetSocketAddress ip
        ? interfaces.isShared(ip.getAddress())
        : this != shared();
  }

  @Override
  public Binding bind(SocketAddress address, BindOptions options) throws IOException {
    if (address instanceof InetSocketAddress) {
      host.ensureUp();
    }
    if (isShared(address)) {
      return shared().bind(address, options);
    }
    if (address instanceof InetSocketAddress ip && !interfaces.mayBind(ip.getAddress())) {
      throw new BindException("Cannot assign requested address");
    }
    return super.bind(address, options);
  }

  @Override
  public Listener lookup(SocketAddress address, boolean kernelToo) throws SocketException {
    if (isShared(address)) {
      return shared().lookup(address, kernelToo);
    }
    if (address instanceof InetSocketAddress ip && !ip.getAddress().isLoopbackAddress()) {
      RingHost owner = world.hostOf(ip.getAddress());
      if (owner != host) {
        return owner.names().lookup(address, kernelToo);
      }
    }
    return super.lookup(address, kernelToo);
  }

  @Override
  public UnixDomainSocketAddress freshPath() {
    return this == shared() ? super.freshPath() : shared().freshPath();
  }

  @Override
  public SocketAddress takeClientAddress(InetAddress destination) {
    return interfaces.isShared(destination)
        ? shared().takeClientAddress(destination)
        : super.takeClientAddress(destination);
  }

  @Override
  public InetSocketAddress connect(Binding client, InetSocketAddress destination)
      throws BindException {
    return isShared(client.address())
        ? shared().connect(client, destination)
        : super.connect(client, destination);
  }

  @Override
  public void giveClientAddress(SocketAddress address) {
    if (isShared(address)) {
      shared().giveClientAddress(address);
    } else {
      super.giveClientAddress(address);
    }
  }
}
