export function word(status: 'verified' | 'failed'): string {
  switch (status) {
    case 'verified':
      return 'Verified';
  }
  return '';
}
