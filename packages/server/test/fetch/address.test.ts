import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeAddress } from '../../src/fetch/address.ts';

describe('judgeAddress', () => {
  it.each(['93.184.216.34', '2606:4700::1111', '::ffff:93.184.216.34', '64:ff9b::93.184.216.34', '2002:5db8:d822::1'])(
    'lets %s be asked',
    (address) => expect(judgeAddress(address)).toEqual({ kind: 'public' }),
  );

  it.each([
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '::1',
    'fd12::1',
    '100.64.0.1',
    '240.1.2.3',
    '::ffff:10.0.0.1',
  ])('calls %s private', (address) => expect(judgeAddress(address).kind).toBe('private'));

  it.each([
    ['AWS and others', '169.254.169.254'],
    ['ECS task credentials', '169.254.170.2'],
    ['AWS over IPv6', 'fd00:ec2::254'],
    ['EKS pod identity over IPv6', 'fd00:ec2::23'],
    ['Google over IPv6', 'fd20:ce::254'],
    ['Azure', '168.63.129.16'],
    ['Alibaba', '100.100.100.200'],
    ['Oracle', '192.0.0.192'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['unspecified over IPv6', '::'],
    ['multicast', '224.0.0.1'],
    ['multicast over IPv6', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['mapped', '::ffff:169.254.169.254'],
    ['mapped, in hexadecimal', '::ffff:a9fe:a9fe'],
    ['compatible', '::169.254.169.254'],
    ['RFC 6145', '::ffff:0:a9fe:a9fe'],
    ['NAT64', '64:ff9b::a9fe:a9fe'],
    ['NAT64 for local use, 96 bits', '64:ff9b:1::a9fe:a9fe'],
    ['NAT64 for local use, 48 bits', '64:ff9b:1:a9fe:a9:fe00::'],
    ['NAT64 for local use, 64 bits', '64:ff9b:1:0:a9:fea9:fe00:0'],
    ['6to4', '2002:a9fe:a9fe::1'],
    ['Teredo server', '2001:0:a9fe:a9fe::'],
    ['Teredo client', '2001:0:5db8:d822:0:0:5601:5601'],
    ['ISATAP', '2606:4700::5efe:a9fe:a9fe'],
    ['mapped Azure', '::ffff:168.63.129.16'],
    ['not an address', 'localhost'],
  ])('never asks %s (%s)', (_, address) => expect(judgeAddress(address).kind).toBe('never'));

  it('judges a mapped address as the address inside', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(judgeAddress(`::ffff:${address}`)).toEqual(judgeAddress(address));
      }),
    );
  });

  it('never asks a link-local address, whatever notation it is in', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, (c, d) => {
        const number = (169 * 256 ** 3 + 254 * 256 ** 2 + c * 256 + d).toString();
        expect(judgeAddress(`169.254.${c}.${d}`).kind).toBe('never');
        expect(judgeAddress(number).kind).toBe('never');
      }),
    );
  });
});
